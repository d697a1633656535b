import { contextKeys } from './ids';

interface Step {
  readonly title: string;
  /** Markdown; command links stand on lines of their own and are shown as buttons. */
  readonly text: string;
  /** A picture in media/. */
  readonly picture: string;
  /** What the picture shows, for who does not see it. */
  readonly alt: string;
  /** When the step counts as done. */
  readonly done: readonly string[];
}

export const walkthrough = {
  id: 'start',
  title: 'Start with Parley',
  description: 'Let your coding agents call each other, and take part yourself.',
  steps: {
    connect: {
      title: 'Give your agents Parley',
      text: 'Claude Code, Codex, OpenCode, Gemini CLI, Copilot CLI and Cursor need an entry in their own configuration. You see the change before it is made, and can take it back.\n[Connect an Agent…](command:parley.connectAgent)\nThe chat of this window has Parley already.',
      picture: 'walkthrough-connect.svg',
      alt: 'A plug between an agent and Parley',
      done: ['onCommand:parley.connectAgent', `onContext:${contextKeys.othersHere}`],
    },
    roster: {
      title: 'See who is there',
      text: 'Agents sign on by themselves when they run. The Roster says how each can be reached and what it does now.\n[Open the Roster](command:parley.roster.focus)\n[New Agent in Terminal…](command:parley.newAgentTerminal)',
      picture: 'walkthrough-roster.svg',
      alt: 'Three agents on a list, two of them here and one away',
      done: [`onContext:${contextKeys.othersHere}`],
    },
    call: {
      title: 'Call one, or let them call each other',
      text: 'A call rings, and whoever answers talks with you in a thread. Who is away finds a message. Tell one agent to ask another, and watch them talk.\n[Call Agent…](command:parley.callAgent)\n[Send Message…](command:parley.sendMessage)\nIn the editor, *Send Selection to Agent…* takes the code along.',
      picture: 'walkthrough-call.svg',
      alt: 'Two speech bubbles, joined by a line',
      done: ['onCommand:parley.callAgent', 'onCommand:parley.sendMessage', 'onCommand:parley.sendSelection'],
    },
    quiet: {
      title: 'Decide what may disturb you',
      text: 'Choose which calls ring for you, and what agents may do without asking. *Pause All* stops everything at once: nothing rings, nobody is woken.\n[Set My Presence…](command:parley.setPresence)\n[Open Settings](command:workbench.action.openSettings?%5B%22%40ext%3Aparley.parley%22%5D)',
      picture: 'walkthrough-quiet.svg',
      alt: 'A bell that is crossed out',
      done: [
        'onCommand:parley.setPresence',
        'onCommand:parley.pauseAll',
        'onSettingChanged:parley.disturb',
        'onSettingChanged:parley.chat.mayWake',
      ],
    },
  },
} as const satisfies {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly steps: Readonly<Record<string, Step>>;
};
