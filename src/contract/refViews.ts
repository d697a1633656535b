import * as z from 'zod';

const position = z.object({ line: z.number().int().min(0), character: z.number().int().min(0) });

/** A pointer into the code. */
export const refView = z.object({
  uri: z.string().min(1).max(4096),
  range: z.object({ start: position, end: position }).optional().describe('zero-based, end exclusive'),
  excerpt: z.string().optional().describe('at most 4 KiB of what stands there'),
  hash: z.string().max(128).optional(),
  commit: z.string().max(64).optional(),
  worktree: z.string().max(4096).optional(),
  note: z.string().max(500).optional(),
});

export type RefView = z.infer<typeof refView>;
