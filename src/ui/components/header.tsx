import type { JSX } from 'preact';
import { oneLine } from '../../core/text';
import type { OpenThread } from '../page';
import type { Control } from '../threadPanel';
import { running } from '../times';
import { topicText, words } from '../words';
import { useGround, useNow } from './context';
import { MenuButton } from './menuButton';

/** Participants named in the header at most; the rest are counted, and named in the tooltip. */
const named = 6;

export function Header({ view, gone }: { readonly view: OpenThread; readonly gone: boolean }): JSX.Element {
  const { thread } = view;
  const topic = topicText(thread.topic);
  return (
    <header>
      <div class="title">
        <h1 title={topic}>
          <bdi>{topic}</bdi>
        </h1>
        <Chip view={view} />
        <Turn view={view} />
      </div>
      <div class="who">
        <Participants view={view} />
        {thread.state !== 'closed' && <Actions view={view} gone={gone} />}
      </div>
    </header>
  );
}

function Actions({ view: { thread, you }, gone }: { readonly view: OpenThread; readonly gone: boolean }): JSX.Element {
  const { panel } = useGround();
  const isIn = thread.participants.some(({ agent, left }) => agent === you.id && !left);
  const shown: readonly Control[] = [
    ...(isLimited(thread) ? (['grant'] as const) : []),
    'invite',
    thread.state === 'paused' ? 'resume' : 'pause',
    'close',
  ];
  const leaving: readonly Control[] = isIn ? ['transfer', 'leave'] : [];
  return (
    <span class="actions" role="group" aria-label={words.actions}>
      {shown.map((control) => (
        <button
          key={control}
          type="button"
          class="text-button"
          title={words.controls[control].title}
          disabled={gone}
          onClick={() => panel.control(control)}
        >
          {words.controls[control].label}
        </button>
      ))}
      {leaving.length > 0 && (
        <MenuButton
          label={words.more}
          disabled={gone}
          items={leaving.map((control) => ({
            key: control,
            ...words.controls[control],
            onChoose: () => panel.control(control),
          }))}
        />
      )}
    </span>
  );
}

/** Agents may say nothing more until the person speaks or grants more. */
export function isLimited({ state, turnsLeft }: OpenThread['thread']): boolean {
  return state === 'open' && turnsLeft === 0;
}

/** Whose turn it is where they speak in turns, and that they may not go on. */
function Turn({ view: { thread, you } }: { readonly view: OpenThread }): JSX.Element | null {
  if (isLimited(thread)) return <span class="chip limited">{words.limited}</span>;
  if (thread.state !== 'open' || thread.turns !== 'round-robin' || thread.turn === undefined) return null;
  return (
    <span class="chip">
      <bdi>{thread.turn === you.name ? words.yourTurn : words.turnOf(oneLine(thread.turn))}</bdi>
    </span>
  );
}

/** The thread's state; a live one with how long it has run. */
function Chip({ view: { thread } }: { readonly view: OpenThread }): JSX.Element {
  const runs = thread.state === 'open' && thread.mode === 'live';
  const now = useNow(runs);
  if (thread.state === 'closed') {
    const lasted = words.lasted(running((thread.closedAt ?? thread.lastAt) - thread.openedAt));
    return (
      <span class="chip archived">{thread.mode === 'live' ? `${words.archived} · ${lasted}` : words.archived}</span>
    );
  }
  if (thread.state === 'paused') return <span class="chip paused">{words.paused}</span>;
  if (thread.mode === 'async') return <span class="chip">{words.async}</span>;
  return <span class="chip live">{`${words.live} · ${running(now - thread.openedAt)}`}</span>;
}

function Participants({ view: { thread, you } }: { readonly view: OpenThread }): JSX.Element {
  const shown = thread.participants.slice(0, named);
  const rest = thread.participants.slice(named);
  return (
    <ul class="participants" aria-label={words.participants}>
      {shown.map(({ agent, name, platform, left }) => (
        <li key={agent} class={left ? 'gone' : undefined}>
          <bdi class="name">{agent === you.id ? words.you : name}</bdi>
          {platform !== '' && <bdi>{oneLine(platform)}</bdi>}
          {left && <span>({words.left})</span>}
        </li>
      ))}
      {rest.length > 0 && <li title={rest.map(({ name }) => name).join(', ')}>+{rest.length}</li>}
    </ul>
  );
}
