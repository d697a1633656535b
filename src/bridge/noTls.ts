/**
 * Stands for `https` and `tls` in the program for hooks (scripts/hookBuild.json): it talks over a local socket only, and
 * loading them takes as long as an empty script runs.
 */
export {};
