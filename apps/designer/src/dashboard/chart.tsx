/**
 * One figure over time, drawn by uPlot from our tokens. The axis starts at 0; a fault is a red line, its replay an amber band.
 * uPlot sets styles through the object model only, so the page's policy needs no exception.
 */
import { useComputedColorScheme } from '@mantine/core';
import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { ticksFrom0 } from './axis.ts';

export interface ChartMark { readonly fault: number; /** Seconds since the epoch; null while it goes on. */ readonly end: number | null }
export interface ChartProps {
  readonly label: string;
  readonly seconds: readonly number[];
  readonly values: readonly (number | null)[];
  readonly marks: readonly ChartMark[];
  /** Span of the axis in seconds. */
  readonly span: number;
  readonly kind: 'number' | 'duration';
  formatTick(value: number): string;
  onHover(point: { readonly second: number; readonly value: number | null } | null): void;
}

const css = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

export function Chart({ label, seconds, values, marks, span, kind, formatTick, onHover }: ChartProps) {
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const shown = useRef({ marks, formatTick, onHover });
  const scheme = useComputedColorScheme('light');
  useEffect(() => { shown.current = { marks, formatTick, onHover }; });

  useEffect(() => {
    const element = host.current;
    if (element === null) return undefined;
    const grid = css('--line');
    const text = css('--ink-3');
    const font = `11px ${css('--sans')}`;
    const drawMarks = (chart: uPlot): void => {
      const { ctx, bbox } = chart;
      const ratio = devicePixelRatio;
      for (const { fault, end } of shown.current.marks) {
        const from = Math.max(bbox.left, chart.valToPos(fault, 'x', true));
        const to = Math.min(bbox.left + bbox.width, end === null ? bbox.left + bbox.width : chart.valToPos(end, 'x', true));
        if (to < bbox.left || from > bbox.left + bbox.width) continue;
        ctx.save();
        ctx.fillStyle = css('--amber-soft');
        ctx.fillRect(from, bbox.top, Math.max(ratio, to - from), bbox.height);
        ctx.fillStyle = css('--red-mark');
        ctx.fillRect(from, bbox.top, 1.5 * ratio, bbox.height);
        ctx.restore();
      }
    };
    const chart = new uPlot({
      width: element.clientWidth, height: element.clientHeight, padding: [6, 14, 0, 0], legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, points: { size: 6, fill: css('--ink-2') } },
      scales: {
        x: { time: true, range: (_plot, _min, max) => [max - span, max] },
        y: { range: (_plot, _min, max) => [0, ticksFrom0(max, kind).at(-1) ?? 1] },
      },
      axes: [
        { stroke: text, font, grid: { show: false }, ticks: { show: false }, size: 24, gap: 7, space: 70, values: (_plot, splits) => splits.map((second) => clock(second)) },
        { stroke: text, font, grid: { stroke: grid, width: 1 }, ticks: { show: false }, size: 52, gap: 4, splits: (_plot, _axis, _min, max) => ticksFrom0(max, kind) as number[], values: (_plot, splits) => splits.map((value) => shown.current.formatTick(value)) },
      ],
      series: [{}, { stroke: css('--ink-2'), width: 1.6, spanGaps: false, points: { show: false } }],
      hooks: {
        drawClear: [drawMarks],
        setCursor: [(current) => {
          const index = current.cursor.idx;
          const second = index === null || index === undefined ? undefined : current.data[0][index];
          shown.current.onHover(second === undefined ? null : { second, value: current.data[1]?.[index as number] ?? null });
        }],
      },
    }, [[], []], element);
    plot.current = chart;
    const observer = new ResizeObserver(() => chart.setSize({ width: element.clientWidth, height: element.clientHeight }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      chart.destroy();
      plot.current = null;
    };
  }, [scheme, span, kind]);

  useEffect(() => { plot.current?.setData([seconds as number[], values as (number | null)[]]); }, [seconds, values, marks, scheme, span]);
  return <div className="live-chart" ref={host} role="img" aria-label={label} />;
}

const clock = (second: number): string => {
  const date = new Date(second * 1000);
  const pad = (value: number): string => `${value}`.padStart(2, '0');
  return `${pad(date.getHours())}:${pad(date.getMinutes())}${date.getSeconds() === 0 ? '' : `:${pad(date.getSeconds())}`}`;
};
