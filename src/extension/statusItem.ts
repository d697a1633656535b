import * as vscode from 'vscode';
import { Owned } from './disposable';
import { badgeOf } from './trees/inboxRows';
import { nameOf, type Picture } from './picture';
import { plain } from './plain';
import { quietText } from './ring/quietSetting';
import { joined } from './trees/row';
import { clockTime, words } from './words';

/** The one entry in the status bar: whether Parley is there, and who rings. */
export class StatusItem extends Owned {
  readonly #item: vscode.StatusBarItem;

  constructor() {
    super();
    this.#item = this.own(vscode.window.createStatusBarItem('parley', vscode.StatusBarAlignment.Left, 0));
    this.#item.name = words.product;
    this.#item.show();
  }

  show(picture: Picture): void {
    const { text, tooltip, command, rings } = statusOf(picture);
    this.#item.text = text;
    this.#item.tooltip = tooltip;
    this.#item.command = command;
    this.#item.accessibilityInformation = { label: `${words.product}: ${tooltip}`, role: 'button' };
    this.#item.backgroundColor = rings ? new vscode.ThemeColor('statusBarItem.warningBackground') : undefined;
  }
}

interface Status {
  readonly text: string;
  readonly tooltip: string;
  readonly command: string;
  readonly rings: boolean;
}

function statusOf(picture: Picture): Status {
  if (picture.broker.state === 'connecting') {
    return {
      text: '$(sync~spin) Parley',
      tooltip: words.status.connecting,
      command: 'parley.roster.focus',
      rings: false,
    };
  }
  if (picture.broker.state === 'gone') {
    return {
      text: '$(debug-disconnect) Parley',
      tooltip: words.status.gone,
      command: 'parley.roster.focus',
      rings: false,
    };
  }
  const [ring, ...more] = picture.rings;
  if (ring) {
    const from = nameOf(picture, ring.call.from);
    const who =
      ring.agent === picture.you?.id
        ? words.status.ringing(plain.label(from))
        : words.status.ringingFor(plain.label(from), plain.label(nameOf(picture, ring.agent)));
    const others = more.length === 0 ? '' : ` ${words.status.more(more.length)}`;
    return {
      text: `$(call-incoming) ${who}${others}`,
      tooltip: `${who}${others}`,
      command: 'parley.inbox.focus',
      rings: true,
    };
  }
  const present = [...picture.agents.values()].filter(
    (agent) => agent.presence !== 'offline' && agent.kind !== 'human',
  );
  const busy = picture.agents.get(picture.you?.id ?? '')?.presence === 'busy';
  const badge = badgeOf(picture)?.value ?? 0;
  const tooltip = [
    words.status.connected(present.length),
    picture.paused && words.status.paused,
    quietText(picture),
    badge > 0 && words.status.waits(badge),
  ]
    .filter((part) => part !== false && part !== '')
    .join('\n');
  const icon = picture.paused ? '$(debug-pause)' : busy ? '$(bell-slash)' : '$(comment-discussion)';
  const until =
    busy && picture.quiet.until !== undefined ? words.status.until(clockTime(picture.quiet.until, picture.now)) : '';
  const text = joined(' ', icon, badge > 0 ? String(badge) : until === '' && words.product, until);
  return { text, tooltip, command: badge > 0 ? 'parley.inbox.focus' : 'parley.roster.focus', rings: false };
}
