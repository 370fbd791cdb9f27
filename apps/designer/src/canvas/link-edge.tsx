/** One link of the drawing: rails or dashes by its kind, rings of its gates, its word on a patch of the ground. */
import { Popover } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { type Edge, EdgeLabelRenderer, type EdgeProps } from 'reactflow';
import { memo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type LinkLine, segmentPath } from './drawing.ts';
import { formatDocumentDuration } from './duration.ts';
import { BarredRing, ClockRing, SegmentLine } from './glyphs.tsx';
import { useDrawing } from './view.ts';

export type LinkEdgeType = Edge<{ readonly line: LinkLine }, 'link'>;

export const LinkEdge = memo(function LinkEdge({ data, selected }: EdgeProps<LinkEdgeType>) {
  const view = useDrawing();
  const { t } = useTranslation();
  const [opened, setOpened] = useState(false);
  const line = data?.line;
  if (!line) return null;
  const { edge, rings, clock, segments } = line;
  const chosen = selected === true || view.selected.has(linkId(line));
  const target = view.drawing.stages.find((box) => box.id === line.target)?.node ?? view.drawing.groups.find((box) => box.id === line.target)?.node;
  const own = target?.window ?? null;
  const strict = edge?.type === 'STRICT';
  const wordShown = edge !== null && (rings.length === 0 || edge.type !== 'SKIP_TILL_NEXT');
  const open = (): void => { view.select(linkId(line)); if (view.edit !== null) setOpened(true); };
  const word = edge === null ? null : t(`design.link.${edge.type}`);
  const duration = view.pattern.window === null ? null : formatDocumentDuration(view.pattern.window.time, view.language);
  const last = segments.at(-1);
  return (
    <>
      <g className="tm-link" data-selected={chosen || undefined}>
        {segments.map((segment, index) => <path key={`hit${index}`} className="tm-link-hit react-flow__edge-interaction" d={segmentPath(segment)} onClick={edge === null ? undefined : open} />)}
        {segments.map((segment, index) => <SegmentLine key={index} segment={segment} head={index === segments.length - 1 && line.target !== line.source} />)}
        {rings.map((ring) => <g key={ring.id} onClick={() => view.select(ring.id)} className="tm-link-ring"><BarredRing at={ring.at} /></g>)}
        {clock !== null && <ClockRing at={clock} />}
      </g>
      <EdgeLabelRenderer>
        {rings.map((ring, index) => (
          <span key={ring.id} className="tm-patch tm-at tm-ring-word" style={at(ring.at.x, ring.at.y - 24)}>
            {clock !== null && index === rings.length - 1 ? t('design.link.trailing') : t(`design.link.${ring.gate}`)}
          </span>
        ))}
        {clock !== null && <span className="tm-patch tm-at" style={at(clock.x, clock.y - 24)}>{duration === null ? '?' : t('design.link.by', { duration })}</span>}
        {wordShown && edge !== null && (view.edit === null
          ? <span className="tm-patch tm-at" style={at(line.label.x - (strict ? 0 : headShift(edge.type)), line.label.y + (strict ? 15 : 0))}>{word}</span>
          : (
            <Popover opened={opened} onChange={setOpened} position="bottom" trapFocus withinPortal>
              <Popover.Target>
                <button type="button" className="tm-patch tm-at tm-link-word nodrag nopan" data-selected={chosen || undefined} aria-expanded={opened}
                        style={at(line.label.x - (strict ? 0 : headShift(edge.type)), line.label.y + (strict ? 15 : 0))}
                        aria-label={t('design.canvas.linkBetween', { word: word ?? '', a: nameOf(view, line.source), b: nameOf(view, line.target) })}
                        onClick={() => (opened ? setOpened(false) : open())}>{word}</button>
              </Popover.Target>
              <Popover.Dropdown p={8}>{opened && view.edit.linkMenu(edge.source, edge.target, () => setOpened(false))}</Popover.Dropdown>
            </Popover>
          ))}
        {!wordShown && edge !== null && view.edit !== null && last !== undefined && (
          <Popover opened={opened} onChange={setOpened} position="bottom" trapFocus withinPortal withRoles={false}>
            <Popover.Target><span className="tm-at tm-anchor" style={at(line.label.x, line.label.y)} /></Popover.Target>
            <Popover.Dropdown p={8}>{opened && view.edit.linkMenu(edge.source, edge.target, () => setOpened(false))}</Popover.Dropdown>
          </Popover>
        )}
        {own !== null && <span className="tm-patch tm-at" style={at(line.label.x, line.label.y + 32)}>⌊ {t('design.drawing.withinOfBefore', { duration: formatDocumentDuration(own.time, view.language) })} ⌋</span>}
        {edge !== null && <LinkNote line={line} strict={strict} />}
        {edge !== null && view.edit !== null && (
          <button type="button" className="tm-at tm-insert nodrag nopan" style={at(line.label.x, line.label.y - 20)} tabIndex={-1} title={t('design.canvas.insertHere')} aria-label={t('design.canvas.insertHere')}
                  onClick={() => view.edit?.insertOnLink(edge.source, edge.target)}><IconPlus size={12} stroke={2.2} /></button>
        )}
      </EdgeLabelRenderer>
    </>
  );
});

function LinkNote({ line, strict }: { line: LinkLine; strict: boolean }) {
  const view = useDrawing();
  const note = view.renderLinkNote(line.target);
  if (note === null || note === undefined || note === false) return null;
  return <span className="tm-at tm-patch tm-link-note" style={at(line.label.x, line.label.y + (strict ? 32 : 17))}>{note}</span>;
}

/** The word stands in the middle of what is visible of the line: the head, and the tines, take some of it. */
const headShift = (type: string): number => (type === 'SKIP_TILL_ANY' ? 11 : 4);
const at = (x: number, y: number) => ({ transform: `translate(-50%, -50%) translate(${x}px, ${y}px)` });
const nameOf = (view: ReturnType<typeof useDrawing>, id: string): string =>
  view.drawing.stages.find((box) => box.id === id)?.text.name ?? view.drawing.groups.find((box) => box.id === id)?.name ?? '';

/** A link in the selection: the edge it stands for. */
export const linkId = (line: LinkLine): string => (line.edge === null ? line.id : `link:${line.edge.source}>${line.edge.target}`);

export const EDGE_TYPES = { link: LinkEdge };
