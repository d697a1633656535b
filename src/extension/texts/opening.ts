/**
 * What the person is told when the rest of Parley cannot be loaded or opened in a window, or not in time. The welcomes of the
 * trees (contributions/views.ts) say the same.
 */
export const opening = {
  late: 'Parley takes unusually long to start in this window and can do nothing until it has. Wait, or reload the window.',
  failed: 'Parley could not start in this window. Reload the window; if that does not help, install Parley again.',
  reload: 'Reload Window',
  showLog: 'Show Log',
} as const;
