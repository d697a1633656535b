import type { Files, OpenFile, ReadFile } from '../../src/store/files';

/** One call that the store makes of its file system. */
export interface FileCall {
  /** Counted from 1. */
  readonly number: number;
  readonly operation: keyof Files | keyof OpenFile | keyof ReadFile;
  readonly path: string;
  /** Bytes of a write. */
  readonly bytes?: number | undefined;
}

/** What happens to a call: an error by name, fewer bytes than asked for, or nothing special. */
export type Fault = { kind: 'error'; code: string } | { kind: 'short'; bytes: number } | undefined;

export interface FaultPlan {
  /** Before the call reaches the files below. May throw or end the process. */
  readonly before?: (call: FileCall) => Fault;
  readonly after?: (call: FileCall) => void;
}

/** Puts `plan` between the store and `inner`. */
export function withFaults(inner: Files, plan: FaultPlan): Files {
  let number = 0;
  /** Open files by the name they have now. */
  const named: { path: string }[] = [];

  function enter(operation: FileCall['operation'], path: string, bytes?: number): { call: FileCall; short?: number } {
    const call: FileCall = { number: ++number, operation, path, bytes };
    const fault = plan.before?.(call);
    if (fault?.kind === 'error')
      throw Object.assign(new Error(`${fault.code}: injected, ${operation} ${path}`), { code: fault.code });
    return fault?.kind === 'short' ? { call, short: fault.bytes } : { call };
  }

  async function around<T>(operation: FileCall['operation'], path: string, run: () => Promise<T>): Promise<T> {
    const { call } = enter(operation, path);
    const result = await run();
    plan.after?.(call);
    return result;
  }

  function wrap(file: OpenFile, opened: string): OpenFile {
    const name = { path: opened };
    named.push(name);
    return {
      writeNow(data, position) {
        const { call, short } = enter('writeNow', name.path, data.length);
        const taken = file.writeNow(short === undefined ? data : data.subarray(0, short), position);
        plan.after?.(call);
        return taken;
      },
      async write(data, position) {
        const { call, short } = enter('write', name.path, data.length);
        const taken = await file.write(short === undefined ? data : data.subarray(0, short), position);
        plan.after?.(call);
        return taken;
      },
      sync: (records) => around('sync', name.path, () => file.sync(records)),
      truncate: (length) => around('truncate', name.path, () => file.truncate(length)),
      close: () => around('close', name.path, () => file.close()),
    };
  }

  function wrapRead(file: ReadFile, path: string): ReadFile {
    return {
      readNow(target, position) {
        const { call, short } = enter('readNow', path, target.length);
        const taken = file.readNow(short === undefined ? target : target.subarray(0, short), position);
        plan.after?.(call);
        return taken;
      },
      closeNow() {
        enter('closeNow', path);
        file.closeNow();
      },
    };
  }

  return {
    open: (path, how) => around('open', path, async () => wrap(await inner.open(path, how), path)),
    read: (path, limit) => around('read', path, () => inner.read(path, limit)),
    openRead: (path) => around('openRead', path, async () => wrapRead(await inner.openRead(path), path)),
    stamp: (path) => around('stamp', path, () => inner.stamp(path)),
    readRange: (path, position, length) => around('readRange', path, () => inner.readRange(path, position, length)),
    createWhole: (path, data) => around('createWhole', path, () => inner.createWhole(path, data)),
    rename: (from, to) =>
      around('rename', from, async () => {
        await inner.rename(from, to);
        for (const name of named) if (name.path === from) name.path = to;
      }),
    unlink: (path) => around('unlink', path, () => inner.unlink(path)),
    list: (path) => around('list', path, () => inner.list(path)),
    makeFolder: (path) => around('makeFolder', path, () => inner.makeFolder(path)),
    syncFolder: (path) => around('syncFolder', path, () => inner.syncFolder(path)),
    exists(path) {
      enter('exists', path);
      return inner.exists(path);
    },
  };
}
