/** Says in a database's own header whose it is: "PRLY". */
export const applicationId = 0x50524c59;

const magic = 'SQLite format 3\0';
/** Where a SQLite file has its `user_version` and its `application_id`. */
const [versionAt, applicationAt] = [60, 68];

/** The journal offset that one of our databases stands for, as its header has it; nothing for other files. */
export function databaseOffset(bytes: Uint8Array): number | undefined {
  const header = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(100, bytes.byteLength));
  if (header.length < 100 || header.toString('latin1', 0, magic.length) !== magic) return undefined;
  return header.readUInt32BE(applicationAt) === applicationId ? header.readUInt32BE(versionAt) : undefined;
}
