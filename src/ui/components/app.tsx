import { Component, type ComponentChildren, type JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { BrokerState } from '../../contract/panelUpdates';
import type { Page } from '../page';
import { words } from '../words';
import { GroundContext, useGround, type Ground } from './context';
import { ThreadPage } from './threadView';

/** After this long without an answer, the page says that it still waits, ms. */
const loadingIsSlow = 5000;

export type AppProps = Ground;

/** The whole page. */
export function App({ panel, times, highlighter }: AppProps): JSX.Element {
  const [page, setPage] = useState(panel.page);
  useEffect(() => {
    // What came between the first drawing and now.
    setPage(panel.page);
    return panel.onChange(() => setPage(panel.page));
  }, [panel]);
  return (
    <GroundContext.Provider value={{ panel, times, highlighter }}>
      <Guard>
        <div class="page">
          <Banner broker={page.broker} />
          <Body page={page} />
        </div>
      </Guard>
    </GroundContext.Provider>
  );
}

function Body({ page: { view, broker } }: { readonly page: Page }): JSX.Element | null {
  const gone = broker.state === 'gone';
  switch (view.state) {
    case 'thread':
      return <ThreadPage key={view.thread.id} view={view} gone={gone} />;
    case 'none':
      return <Notice title={words.noThread} text={words.noThreadDo} />;
    case 'missing':
      return <Notice title={words.missing} text={words.missingDo} />;
    case 'loading':
      // The banner says why nothing comes.
      return gone ? <Notice title="" text={words.goneDo} /> : <Loading />;
  }
}

/** Says when the broker is gone, with what helps; and, to whom cannot see it go, when it is back. */
function Banner({ broker }: { readonly broker: BrokerState }): JSX.Element {
  const { panel } = useGround();
  const [wasGone, setWasGone] = useState(false);
  const gone = broker.state === 'gone';
  useEffect(() => {
    if (gone) setWasGone(true);
  }, [gone]);
  return (
    <div role="status">
      {gone ? (
        <div class="banner">
          <span>{broker.reason === '' ? words.gone : broker.reason}</span>
          <button type="button" class="text-button" onClick={() => panel.startBroker()}>
            {words.startBroker}
          </button>
        </div>
      ) : (
        wasGone && <span class="heard">{words.back}</span>
      )}
    </div>
  );
}

function Loading(): JSX.Element {
  const { panel } = useGround();
  const [slow, setSlow] = useState(false);
  useEffect(() => panel.clock.after(loadingIsSlow, () => setSlow(true)), [panel]);
  return <Notice title={slow ? words.loadingSlow : words.loading} text="" busy />;
}

interface NoticeProps {
  readonly title: string;
  readonly text: string;
  readonly busy?: boolean;
}

function Notice({ title, text, busy = false }: NoticeProps): JSX.Element {
  return (
    <main class="notice" aria-busy={busy}>
      {title !== '' && <h1>{title}</h1>}
      {text !== '' && <p>{text}</p>}
    </main>
  );
}

/** A fault in drawing shows as a sentence instead of an empty view. */
class Guard extends Component<{ readonly children: ComponentChildren }, { readonly failed: boolean }> {
  override state = { failed: false };

  static override getDerivedStateFromError(): { failed: boolean } {
    return { failed: true };
  }

  override render(): ComponentChildren {
    return this.state.failed ? <Notice title={words.failed} text={words.failedDo} /> : this.props.children;
  }
}
