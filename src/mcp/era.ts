/** Revisions with sessions that this server speaks, newest first. */
export const sessionRevisions = ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05', '2024-10-07'] as const;

/** Revisions without sessions, newest first: each request says for itself who sends it and by which revision. */
export const statelessRevisions = ['2026-07-28'] as const;

const versionField = 'io.modelcontextprotocol/protocolVersion';

/** JSON-RPC code of the specification (2026-07-28) for a revision that the server does not speak. */
export const unsupportedVersion = -32022;

export type Era = { readonly era: 'session' } | { readonly era: 'stateless'; readonly version: string };

/**
 * Tells per request which family of revisions it belongs to: with 2026-07-28 each request names its version in `_meta`
 * and in the header, and there are no sessions; before, a session begins with `initialize`. The one place where the two
 * are told apart.
 * @param message the body, parsed; anything
 * @param header the request's `MCP-Protocol-Version`, where there are headers
 */
export function eraOf(message: unknown, header?: string): Era {
  const params = field(message, 'params');
  const version = field(field(params, '_meta'), versionField);
  if (typeof version === 'string') return { era: 'stateless', version };
  if ((statelessRevisions as readonly (string | undefined)[]).includes(header)) {
    return { era: 'stateless', version: header ?? '' };
  }
  if (field(message, 'method') === 'server/discover') return { era: 'stateless', version: '' };
  return { era: 'session' };
}

/**
 * The answer to a request of a revision that is not spoken.
 * @param supported the revisions that are spoken there
 */
export function unsupportedEra(
  message: unknown,
  requested: string,
  supported: readonly string[] = sessionRevisions,
): object {
  const id = field(message, 'id');
  return {
    jsonrpc: '2.0',
    id: typeof id === 'string' || typeof id === 'number' ? id : null,
    error: {
      code: unsupportedVersion,
      message: `This server speaks ${supported.join(', ')}.`,
      data: { supported, requested },
    },
  };
}

/** Whether a client that asked for this revision with `initialize` knows streams that it can resume. */
export function canResume(revision: string): boolean {
  return revision >= '2025-11-25';
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;
}
