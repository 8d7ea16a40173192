/**
 * Returns what is kept once a run: made when it is first asked for, and gone with the run's services.
 *
 * @param make makes it, empty
 */
export function ofRun<T>(make: () => T): (services: object) => T {
  const kept = new WeakMap<object, T>();
  return (services) => {
    let value = kept.get(services);
    if (value === undefined) kept.set(services, (value = make()));
    return value;
  };
}
