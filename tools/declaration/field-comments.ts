import { join } from "node:path";
import * as ts from "typescript";

/** Documentation of a field of a declaration, from the source. */
export interface FieldComment {
  /** Its doc comment; empty where there is none. */
  readonly text: string;
  /** Its type as TypeScript writes it, without `undefined`. */
  readonly type: string;
}

/** How deep declarations are nested, and more than that. */
const maximumDepth = 8;

/**
 * Doc comments of the fields of an exported type, and of the types in it, by path:
 * `images.NAME.files[].to` is a field of the items of a list in the values of a map.
 *
 * @param file TypeScript file, relative to the repository
 * @throws Error where the file exports no such type
 */
export function fieldComments(repository: string, file: string, type: string): Map<string, FieldComment> {
  const path = join(repository, file);
  const configuration = ts.readConfigFile(join(repository, "tsconfig.json"), (name) => ts.sys.readFile(name));
  const { options } = ts.parseJsonConfigFileContent(configuration.config, ts.sys, repository);
  const program = ts.createProgram([path], { ...options, noEmit: true });
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(path);
  const module = source && checker.getSymbolAtLocation(source);
  const symbol = module && checker.getExportsOfModule(module).find(({ name }) => name === type);
  if (!symbol) throw new Error(`${file} exports no type ${type}`);
  const found = new Map<string, FieldComment>();
  collect(checker, checker.getDeclaredTypeOfSymbol(symbol), "", 0, found);
  return found;
}

function collect(
  checker: ts.TypeChecker,
  type: ts.Type,
  prefix: string,
  depth: number,
  found: Map<string, FieldComment>,
): void {
  if (depth > maximumDepth) return;
  for (const property of checker.getPropertiesOfType(type)) {
    const path = `${prefix}${property.name}`;
    const own = checker.getTypeOfSymbol(property);
    // In one member of a union it is said that fields of another are not there.
    if (checker.getNonNullableType(own).flags & ts.TypeFlags.Never) continue;
    const text = ts.displayPartsToString(property.getDocumentationComment(checker)).replaceAll(/\s+/g, " ");
    const written = checker.typeToString(checker.getNonNullableType(own));
    found.set(path, { text, type: written });
    for (const [suffix, inner] of innerTypes(checker, own)) {
      collect(checker, inner, `${path}${suffix}.`, depth + 1, found);
    }
  }
}

/**
 * Types with fields of their own in a type, with what the path of their fields has: nothing, `[]`
 * or `.NAME`.
 */
function innerTypes(checker: ts.TypeChecker, type: ts.Type): [suffix: string, type: ts.Type][] {
  return membersOf(type).flatMap((member): [string, ts.Type][] => {
    if (checker.isArrayType(member)) {
      const [item] = checker.getTypeArguments(member as ts.TypeReference);
      return item ? innerTypes(checker, item).map(([suffix, inner]) => [`[]${suffix}`, inner]) : [];
    }
    if (hasDeclaredFields(checker, member)) return [["", member]];
    const values = checker.getIndexTypeOfType(member, ts.IndexKind.String);
    return values && !(values.flags & ts.TypeFlags.Any)
      ? innerTypes(checker, values).map(([suffix, inner]) => [`.NAME${suffix}`, inner])
      : [];
  });
}

function membersOf(type: ts.Type): ts.Type[] {
  return type.isUnion() ? type.types.flatMap(membersOf) : [type];
}

/**
 * Returns whether it is an object that is written out in a program, neither a class nor something
 * of a library.
 */
function hasDeclaredFields(checker: ts.TypeChecker, type: ts.Type): boolean {
  if (
    !(type.flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection)) ||
    type.getCallSignatures().length > 0
  )
    return false;
  if (type.symbol?.declarations?.some((declaration) => ts.isClassDeclaration(declaration))) return false;
  const declarations = checker.getPropertiesOfType(type).flatMap(({ declarations }) => declarations ?? []);
  return declarations.some((declaration) => !declaration.getSourceFile().fileName.includes("node_modules"));
}
