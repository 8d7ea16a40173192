/** A repository that a request was about. */
export interface RequestedPlace {
  /** Host as the user writes it. */
  readonly registry: string;
  /** Path of the repository; undefined where the request names none. */
  readonly repository: string | undefined;
}

/** A request that a registry has refused, in what it said. */
export interface Refusal extends RequestedPlace {
  readonly status: number;
  readonly method: string;
  /** Codes and messages of its error, one after the other; empty where it said nothing. */
  readonly said: string;
  /** Whether credentials were sent. */
  readonly isSignedIn: boolean;
}

/** What a registry's refusal means and what to do next. All that is given has to match. */
export interface Explanation {
  /** Statuses that it is for; any unless given. */
  readonly status?: readonly number[];
  /** Methods that it is for; any unless given. */
  readonly method?: readonly string[];
  /** What its error says. */
  readonly said?: RegExp;
  /** Whether somebody has signed in. */
  readonly isSignedIn?: boolean;
  /** Sentences. */
  readonly words: (place: RequestedPlace) => string;
}

/** A rule for the paths of repositories that are narrower than those of the distribution specification. */
export interface NamingRule {
  /** Whether a path keeps to it. */
  readonly holds: (path: string) => boolean;
  /** In words that follow the name of the kind, e.g. `has two parts in the path of a repository`. */
  readonly words: string;
  /** A path that keeps to all rules of the kind. */
  readonly example: string;
}

/** How a registry calls itself where it asks for credentials (RFC 6750, 3; RFC 7617, 2), and in headers of its own. */
export interface SaidOfItself {
  readonly service?: string | undefined;
  readonly realm?: string | undefined;
  readonly header: (name: string) => string | undefined;
}

/** A kind of registry: what is known of it beside the distribution specification. */
export interface RegistryKind {
  /** Its name in messages. */
  readonly name: string;
  /** Matches the hosts of the service, without port; undefined where everybody runs it on a host of their own. */
  readonly host?: RegExp;
  /** Whether an answer of a registry on any other host is one of this kind. */
  readonly isItself?: (said: SaidOfItself) => boolean;
  readonly naming: readonly NamingRule[];
  /** How one signs in, in a sentence. */
  readonly login: string;
  /** What has to be there before the first push, and how it is made; undefined where a push makes it all. */
  readonly madeFirst?: { readonly what: string; readonly how: (place: RequestedPlace) => string };
  /** Limits that a release can meet, each in a sentence. */
  readonly limits: readonly string[];
  /** How it limits the rate of requests, in a sentence. */
  readonly rateLimit?: string;
  /** The first that matches counts. */
  readonly explanations: readonly Explanation[];
}

/** The number of parts of a path. */
export function partsOf(path: string): number {
  return path.split("/").length;
}

/** A path of a repository for a sentence: its own, or how one looks. */
export function named({ repository }: RequestedPlace, otherwise: string): string {
  return repository ?? otherwise;
}
