/** The drawing of the running version, read-only, with live figures in the feet of its cards and under its links. */
import { useMediaQuery } from '@mantine/hooks';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { JobDocument, PatternEdge, PatternNode } from '@tidemark/pattern';
import type { StageFigures } from '@tidemark/protocol';
import { type Level, runsOf } from '../canvas/chain.ts';
import { PatternDrawing } from '../canvas/pattern-drawing.tsx';
import { useLive } from '../realtime/hooks.ts';
import { matchesPerMinute } from '../realtime/figure-series.ts';
import { hasEnded, stageSlot } from '../realtime/live-store.ts';
import { documentShown, patternShown } from '../store/shown-pattern.ts';
import { Loading } from '../shell/states.tsx';
import { formatCount, formatRate } from './format.ts';
import { GATE_FOOT_HEIGHT, GateFoot, LinkNote, STAGE_FOOT_HEIGHT, STAGE_WIDTH_MIN, StageFoot } from './stage-foot.tsx';

export function LiveDrawing({ document, patternId: wanted }: { readonly document: JobDocument | null; readonly patternId: string | null }) {
  const { t } = useTranslation();
  const roomy = useMediaQuery('(min-width: 1600px) and (min-height: 900px)') ?? false;
  const pattern = document === null ? undefined : patternShown(document, wanted) ?? undefined;
  const patternId = pattern?.id ?? '';
  const gated = useMemo(() => behindGates(pattern), [pattern]);
  const before = useMemo(() => new Map(pattern === undefined ? [] : stagesBeforeGates(pattern)), [pattern]);
  // Stable functions: what they draw reads its own figures, so a frame redraws feet and nothing else.
  const parts = useMemo(() => ({
    renderFoot: (stageId: string) => <StageFoot patternId={patternId} stageId={stageId} />,
    // the engine counts a blocked attempt where it had come to: at the stage before the gate
    renderGateFoot: (gateId: string) => <GateFoot patternId={patternId} stageId={before.get(gateId) ?? gateId} />,
    // Under a ring hangs what must not come: no room for a figure.
    renderLinkNote: (targetId: string) => (gated.has(targetId) ? null : <LinkNote patternId={patternId} stageId={targetId} />),
    renderMatchNote: () => <MatchNote patternId={patternId} />,
  }), [patternId, gated, before]);
  return (
    <section className="live-drawing" aria-label={t('live.drawing.title')}>
      {document === null ? <Loading />
        : <PatternDrawing key={patternId} document={documentShown(document, patternId)} className="live-drawing-in" footHeight={STAGE_FOOT_HEIGHT} gateFootHeight={GATE_FOOT_HEIGHT} stageWidthMin={STAGE_WIDTH_MIN} fitMaxZoom={roomy ? 1.25 : 1} {...parts} />}
    </section>
  );
}

/** Stages whose link carries a gate, in groups too. */
function behindGates(level: { readonly nodes: readonly PatternNode[]; readonly edges: readonly PatternEdge[] } | undefined): ReadonlySet<string> {
  if (level === undefined) return new Set();
  const gates = new Set(level.edges.filter(({ type }) => type === 'NOT_NEXT' || type === 'NOT_FOLLOW').map(({ target }) => target));
  const inner = level.nodes.flatMap((node) => (node.type === 'COMPOSITE' ? [...behindGates(node)] : []));
  return new Set([...level.edges.filter(({ source }) => gates.has(source)).map(({ target }) => target), ...inner]);
}

/** For each gate the stage that attempts have reached when it ends them: the last stage of the step before it. */
function stagesBeforeGates(level: Level): [string, string][] {
  const inner = level.nodes.flatMap((node) => (node.type === 'COMPOSITE' ? stagesBeforeGates(node) : []));
  const own = runsOf(level).flatMap(({ steps, trailing }) => [...steps.map(({ gates }) => gates), trailing].flatMap((gates, index) => {
    const step = steps[index - 1];
    return step === undefined ? [] : gates.map(({ node }): [string, string] => [node.id, lastStage(step.node)]);
  }));
  return [...inner, ...own];
}

function lastStage(node: PatternNode): string {
  if (node.type === 'ATOMIC') return node.id;
  const last = runsOf(node)[0]?.steps.at(-1);
  return last === undefined ? node.id : lastStage(last.node);
}

function MatchNote({ patternId }: { readonly patternId: string }) {
  const { t } = useTranslation();
  const matches = useLive((live) => live.patternMatches[patternId] ?? 0);
  const alone = useLive((live) => Object.keys(live.patternMatches).length < 2);
  const series = useLive((live) => live.series);
  const held = useLive((live) => sumOf(live.stages, patternId, 'heldBack'));
  const dropped = useLive((live) => sumOf(live.stages, patternId, 'dropped'));
  const ended = useLive((live) => hasEnded(live.state?.state));
  // the series is the job's
  const rate = ended || !alone ? null : matchesPerMinute(series);
  return (
    <span className="live-match-note">
      <span><b>{formatCount(matches)}</b> {t('live.stage.found', { count: matches })}</span>
      <span className="tm-mute">{rate === null ? '' : t('live.stage.perMinute', { n: formatRate(rate) })}</span>
      {held > 0 && <span className="tm-mute" title={t('live.stage.heldHint')}>{t('live.stage.held', { n: formatCount(held) })}</span>}
      {dropped > 0 && <span className="tm-mute" title={t('live.stage.droppedHint')}>{t('live.stage.dropped', { n: formatCount(dropped) })}</span>}
    </span>
  );
}

const sumOf = (stages: Readonly<Record<string, StageFigures>>, patternId: string, what: 'heldBack' | 'dropped'): number =>
  Object.entries(stages).reduce((sum, [slot, stage]) => (slot.startsWith(stageSlot(patternId, '')) ? sum + stage[what] : sum), 0);
