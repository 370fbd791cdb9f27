/** One link of the drawing: rails or dashes by its kind, rings of its gates, its word on a patch of the ground. */
import { Popover } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import type { Duration } from '@tidemark/pattern';
import { type Edge, EdgeLabelRenderer, type EdgeProps } from 'reactflow';
import { memo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type LinkLine, segmentPath } from './drawing.ts';
import { formatDocumentDuration } from './duration.ts';
import { BarredRing, ClockRing, SegmentLine } from './glyphs.tsx';
import { useHands } from './view.ts';

/** What a link shows besides its line. */
export interface LinkState {
  readonly chosen: boolean;
  readonly sourceName: string;
  readonly targetName: string;
  /** The target's own window: how long after the step before. */
  readonly own: Duration | null;
  /** The pattern's window, where an absence at the end waits for it. */
  readonly by: Duration | null;
}
export type LinkEdgeType = Edge<{ readonly line: LinkLine; readonly state: LinkState }, 'link'>;

export const LinkEdge = memo(function LinkEdge({ data }: EdgeProps<LinkEdgeType>) {
  const hands = useHands();
  const { t } = useTranslation();
  const [opened, setOpened] = useState(false);
  if (data === undefined) return null;
  const { line, state: { chosen, sourceName, targetName, own, by } } = data;
  const { edge, rings, clock, segments } = line;
  const strict = edge?.type === 'STRICT';
  const wordShown = edge !== null && (rings.length === 0 || edge.type !== 'SKIP_TILL_NEXT');
  const open = (): void => { hands.select(linkId(line)); if (hands.edit !== null) setOpened(true); };
  const word = edge === null ? null : t(`design.link.${edge.type}`);
  const duration = by === null ? null : formatDocumentDuration(by, hands.language);
  const last = segments.at(-1);
  return (
    <>
      <g className="tm-link" data-selected={chosen || undefined}>
        {segments.map((segment, index) => <path key={`hit${index}`} className="tm-link-hit react-flow__edge-interaction" d={segmentPath(segment)} onClick={edge === null ? undefined : open} />)}
        {segments.map((segment, index) => <SegmentLine key={index} segment={segment} head={index === segments.length - 1 && line.target !== line.source} />)}
        {rings.map((ring) => <g key={ring.id} onClick={() => hands.select(ring.id)} className="tm-link-ring"><BarredRing at={ring.at} /></g>)}
        {clock !== null && <ClockRing at={clock} />}
      </g>
      <EdgeLabelRenderer>
        {rings.map((ring, index) => (
          <span key={ring.id} className="tm-patch tm-at tm-ring-word" style={at(ring.at.x, ring.at.y - 24)}>
            {clock !== null && index === rings.length - 1 ? t('design.link.trailing') : t(`design.link.${ring.gate}`)}
          </span>
        ))}
        {clock !== null && <span className="tm-patch tm-at" style={at(clock.x, clock.y - 24)}>{duration === null ? '?' : t('design.link.by', { duration })}</span>}
        {wordShown && edge !== null && (hands.edit === null
          ? <span className="tm-patch tm-at" style={at(line.label.x - (strict ? 0 : headShift(edge.type)), line.label.y + (strict ? 15 : 0))}>{word}</span>
          : (
            <Popover opened={opened} onChange={setOpened} position="bottom" trapFocus withinPortal>
              <Popover.Target>
                <button type="button" className="tm-patch tm-at tm-link-word nodrag nopan" data-selected={chosen || undefined} aria-expanded={opened}
                        style={at(line.label.x - (strict ? 0 : headShift(edge.type)), line.label.y + (strict ? 15 : 0))}
                        aria-label={t('design.canvas.linkBetween', { word: word ?? '', a: sourceName, b: targetName })}
                        onClick={() => (opened ? setOpened(false) : open())}>{word}</button>
              </Popover.Target>
              <Popover.Dropdown p={8}>{opened && hands.edit.linkMenu(edge.source, edge.target, () => setOpened(false))}</Popover.Dropdown>
            </Popover>
          ))}
        {!wordShown && edge !== null && hands.edit !== null && last !== undefined && (
          <Popover opened={opened} onChange={setOpened} position="bottom" trapFocus withinPortal withRoles={false}>
            <Popover.Target><span className="tm-at tm-anchor" style={at(line.label.x, line.label.y)} /></Popover.Target>
            <Popover.Dropdown p={8}>{opened && hands.edit.linkMenu(edge.source, edge.target, () => setOpened(false))}</Popover.Dropdown>
          </Popover>
        )}
        {own !== null && <span className="tm-patch tm-at" style={at(line.label.x, line.label.y + 32)}>⌊ {t('design.drawing.withinOfBefore', { duration: formatDocumentDuration(own, hands.language) })} ⌋</span>}
        {edge !== null && <LinkNote line={line} strict={strict} />}
        {edge !== null && hands.edit !== null && (
          <button type="button" className="tm-at tm-insert nodrag nopan" style={at(line.label.x, line.label.y - 20)} tabIndex={-1} title={t('design.canvas.insertHere')} aria-label={t('design.canvas.insertHere')}
                  onClick={() => hands.edit?.insertOnLink(edge.source, edge.target)}><IconPlus size={12} stroke={2.2} /></button>
        )}
      </EdgeLabelRenderer>
    </>
  );
});

function LinkNote({ line, strict }: { line: LinkLine; strict: boolean }) {
  const { renderLinkNote } = useHands();
  const note = renderLinkNote(line.target);
  if (note === null || note === undefined || note === false) return null;
  return <span className="tm-at tm-patch tm-link-note" style={at(line.label.x, line.label.y + (strict ? 32 : 17))}>{note}</span>;
}

/** The word stands in the middle of what is visible of the line: the head, and the tines, take some of it. */
const headShift = (type: string): number => (type === 'SKIP_TILL_ANY' ? 11 : 4);
const at = (x: number, y: number) => ({ transform: `translate(-50%, -50%) translate(${x}px, ${y}px)` });

/** A link in the selection: the edge it stands for. */
export const linkId = (line: LinkLine): string => (line.edge === null ? line.id : `link:${line.edge.source}>${line.edge.target}`);

export const EDGE_TYPES = { link: LinkEdge };
