import { reachTexts } from '../contract/agentSaid';
import { Tongue, worded } from '../contract/wording';

/**
 * Everything that the doctor says to a person, in one place; `l10n/bundle.l10n.de.json` has a German line for each. The
 * command line says it in English.
 */
export const texts = {
  nothing: 'nothing to check',
  notAsked: 'not asked: only the person may, with the broker running',

  check: {
    home: 'Home',
    permissions: 'Permissions of the Home',
    writing: 'Writing to the Home',
    'file system': 'File System',
    'disk space': 'Disk Space',
    settings: 'Settings of the Broker',
    format: 'Format of the Home',
    lock: 'Lock of the Home',
    broker: 'Broker',
    socket: 'Socket',
    answering: 'Broker Answers',
    journal: 'Journal',
    index: 'Index',
    programs: 'Programs',
    launcher: 'Launcher',
    hooks: 'Hooks',
    identities: 'Identities',
    ringers: 'Ringers',
    'run from': 'Surroundings',
  },
  group: {
    home: 'Home',
    broker: 'Broker',
    journal: 'Journal and Index',
    agents: 'Agents',
    clients: 'Programs and Clients',
  },

  fix: {
    closeHome: 'Close the Home to Others',
    openHome: 'Give Yourself Permission',
    startBroker: 'Start Broker',
    restartBroker: 'Restart Broker',
    endBroker: 'End Broker and Start It Again',
    repairHome: 'Repair Home',
    placePrograms: 'Put the Programs There Again',
    connect: 'Connect {0}',
  },
  asks: {
    restartBroker:
      'The broker is stopped for every window and agent, and started again. Nothing that was said is lost.',
    endBroker:
      'The process that hangs is ended, and the broker is started again. What it has confirmed is on disk and not lost.',
    repairHome:
      'The broker is stopped and the home repaired. What is damaged is kept in the folder “damaged”; what cannot be read is lost, and threads that were open there are archived.',
  },

  home: {
    missing: '{0} is not there',
    makeIt: 'It is made when the broker starts first: parley broker start.',
    noFolder: '{0} is not a folder',
    moveIt: 'Move that file, or set PARLEY_HOME to a folder.',
    foreign: 'the home belongs to another user',
    useOwn: 'Set PARLEY_HOME to a folder of yours.',
    private: 'yours alone',
    open: 'others can open {0}',
    chmod: 'Run chmod go-rwx {0}',
    writes: 'can write and sync, in {0} ms',
    cannotWrite: 'cannot write ({0})',
    freeSpace: 'Free some space.',
    permit: 'Give yourself write permission, or set PARLEY_HOME to a folder of yours.',
    local: 'local',
    gone: '{0}, which is gone after a restart of the machine',
    noLocks: '{0}, which has no locks and syncs that can be relied on, and no sockets',
    noSyncs: '{0}, which has no syncs that can be relied on',
    localDisk: 'Set PARLEY_HOME to a folder on a local disk.',
    free: '{0} MiB free',
    noSpace: 'Free some space: without it nothing new is taken.',
    lowSpace: 'Free some space soon.',
    fsync: 'durability fsync: what is confirmed is on disk',
    os: 'durability os: a power cut may take the last seconds',
    badSettings: '{0} cannot be read as settings: the broker does not start with it',
    mendSettings: 'Mend or remove {0}.',
    format: 'format {0}',
    olderFormat: 'format {0}, which the next start brings up to date',
    tooNew: 'format {0}; this program knows {1}',
    update: 'Update Parley: a newer version has used this home.',
    badManifest: 'manifest.json does not hold together',
  },

  lock: {
    free: 'free',
    held: 'held by process {0} on {1}',
    unreadable: 'cannot be read',
    removeIt: 'If no broker runs on any machine with this home, remove the file "lock" in it.',
  },
  broker: {
    notWhole: '{0} is not whole',
    start: 'Start the broker: parley broker start.',
    down: 'does not run',
    startsItself: 'It starts when it is needed, or by parley broker start.',
    runs: 'process {0}, version {1}',
    left: 'process {0} is gone and has left its record',
    answers: 'version {0}, protocol {1}',
    other: 'version {0}, protocol {1}; this program is {2}',
    updateOlder: 'Update the older of the two, then parley broker stop.',
    silent: 'nobody answers',
    hangs: 'process {0} runs and does not answer',
  },
  journal: {
    readOnly: 'read only: {0}',
    repair: 'Stop the broker (parley broker stop), then parley doctor --repair. What is damaged is kept.',
    found: 'offset {0}, {1}, durability {2}',
    cut: 'offset {0}, {1}, durability {2}; the start cut {3}',
    cannotAsk: 'cannot be asked',
    onDisk: '{0} on disk',
  },
  index: {
    answers: 'threads: {0}, answered in {1} ms, {2}',
    slow: 'A home with very much in it is slow to search; erasing threads makes it smaller.',
  },
  programs: {
    runBy: 'version {0}, run by {1}',
    missing: '{0} is missing',
    reinstall: 'Install Parley again.',
    noLauncher: '{0} is not there',
    openCode: 'Open VS Code with Parley once, which writes it.',
    answers: 'answers as version {0} in {1} ms',
    otherVersion: 'answers as version {0}; this program is {1}',
    broken: '{0} does not run: {1}',
    tookTooLong: 'it took longer than {0} s',
    exit: 'it ended with {0}',
    exitSaying: 'it ended with {0} ({1})',
  },
  hooks: {
    took: 'each ran once and kept out of the way: {0}',
    moment: '{0} {1} ms',
    bad: 'the hook {0} would disturb its client: {1}',
    said: 'it spoke for a session that does not exist',
    slow: 'The machine is busy, or the disk slow: every use of a tool waits that long.',
  },
  clients: {
    extension: 'the extension gives the chat its tools',
    absent: 'not found on this machine',
    notConnected: 'is here and not connected',
    connect: 'parley connect {0}',
    connected: 'connected',
    asks: 'connected; it asks you before it uses the tools',
    allowed: 'connected, and the tools are allowed',
    stale: 'connected, but not as this version does it: {0}',
    /** What a file of a client holds of ours. */
    part: { server: 'server', hooks: 'hooks', skill: 'skill', plugin: 'plugin', permission: 'permission' },
    launcherGone: 'connected, but the launcher that it runs is not there',
  },
  identities: {
    none: 'none kept',
    kept: '{0} kept: {1}',
  },
  ringers: {
    nobody: 'no agent is here',
    state: '{0}: {1}',
    by: '{0}: {1} by {2}',
    byIn: '{0}: {1} by {2}, {3} ms',
    reach: reachTexts,
    waits: 'An agent whose client waits for your permission hears nothing before you answer that.',
  },
  place: {
    sandbox: "an agent's sandbox, from which no broker can be started",
    outside: 'Start Parley from VS Code or a plain terminal.',
    agent: '{0}: what is said here is said by an agent',
    plain: 'a terminal, script or editor, with no agent in it',
  },
} as const;

/** Speaks English until it is told otherwise. */
export const tongue = new Tongue();
export const words = worded(texts, tongue);
