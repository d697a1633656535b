/** Levels of the protocol, least severe first. */
export const logLevels = ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency'] as const;

export type LogLevel = (typeof logLevels)[number];

/** What a client is told that has not said what it wants to be told. */
export const defaultLogLevel: LogLevel = 'warning';

/** The name of the logger in every message. */
export const logger = 'parley';

export function isAtLeast(level: LogLevel, least: LogLevel): boolean {
  return logLevels.indexOf(level) >= logLevels.indexOf(least);
}
