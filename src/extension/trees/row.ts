/** What a command can be about, when it is run on a row or from a link. Ids, never text of agents. */
export interface Target {
  readonly agent?: string;
  readonly call?: string;
  readonly thread?: string;
  /** A session nearby that has not signed on. */
  readonly session?: string;
}

/** One row of a tree, ready to be shown: every text in it is plain already. */
export interface Row {
  /** Unique in its tree and stable, so that selection and expansion survive a refresh. */
  readonly id: string;
  readonly label: string;
  readonly description?: string;
  /** Markdown, with what agents wrote escaped. Made when it is shown. */
  readonly tooltip: () => string;
  readonly icon?: { readonly name: string; readonly color?: string };
  /** `viewItem` in the menus' conditions: see rowKinds in contributions.ts. */
  readonly kind?: string;
  /** What a screen reader says. */
  readonly aria: string;
  readonly target: Target;
  /** The command that a click runs on it. */
  readonly opens?: 'openThread' | 'moreArchived';
  readonly children?: readonly Row[];
  readonly collapsed?: boolean;
}

/** Words and numbers in one line, without the empty ones. */
export function joined(separator: string, ...parts: readonly (string | undefined | false)[]): string {
  return parts.filter((part) => part !== undefined && part !== false && part !== '').join(separator);
}
