/** What an untrusted or virtual workspace leaves of Parley. */
export const capabilities = {
  untrustedWorkspaces: {
    supported: 'limited',
    description:
      "In Restricted Mode you see the roster, your inbox and the threads and can take part. This window's own agent does not sign on, is given no tools and is never woken.",
    restrictedConfigurations: ['parley.agentName'],
  },
  virtualWorkspaces: {
    supported: 'limited',
    description: 'Pointers into the code that are not files on this machine cannot be opened from a thread.',
  },
} as const;
