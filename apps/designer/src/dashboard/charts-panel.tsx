/** Throughput and lag over the last minutes, as this page saw them. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { currentLanguage } from '../i18n/index.ts';
import { useLive } from '../realtime/hooks.ts';
import { Chart, type ChartMark } from './chart.tsx';
import { formatClock, formatDuration, formatRate, formatSetting } from './format.ts';

/** The axis grows in steps, so that the line does not crawl from the right edge for ten minutes. */
const SPANS = [60, 180, 600] as const;

interface OneChartProps {
  readonly name: string;
  readonly unit: string;
  readonly seconds: readonly number[];
  readonly values: readonly (number | null)[];
  readonly marks: readonly ChartMark[];
  readonly span: number;
  readonly kind: 'number' | 'duration';
  format(value: number): string;
  formatTick(value: number): string;
}

function OneChart({ name, unit, seconds, values, marks, span, kind, format, formatTick }: OneChartProps) {
  const { t } = useTranslation();
  const [hover, setHover] = useState<{ readonly second: number; readonly value: number | null } | null>(null);
  const now = values.at(-1) ?? null;
  const shown = hover === null ? now : hover.value;
  const most = values.reduce<number>((max, value) => Math.max(max, value ?? 0), 0);
  return (
    <div className="live-onechart">
      <div className="live-onechart-head tm-t12">
        <span className="tm-dim">{name}</span>
        <span>{hover !== null && <span className="tm-mono11 tm-mute">{formatClock(hover.second * 1000)} </span>}<b className="tm-b">{shown === null ? '–' : format(shown)}</b>{unit !== '' && <span className="tm-dim"> {unit}</span>}</span>
      </div>
      <Chart label={t('live.chart.summary', { name, now: now === null ? '–' : format(now), max: format(most), span: formatDuration(span * 1000, currentLanguage()) })}
             seconds={seconds} values={values} marks={marks} span={span} kind={kind} formatTick={formatTick} onHover={setHover} />
    </div>
  );
}

export function ChartsPanel() {
  const { t } = useTranslation();
  const language = currentLanguage();
  const series = useLive((live) => live.series);
  const recoveries = useLive((live) => live.recoveries);
  const known = (series.seconds.at(-1) ?? 0) - (series.seconds[0] ?? 0);
  const span = SPANS.find((size) => known <= size) ?? 600;
  const marks = recoveries.map((recovery): ChartMark => {
    const last = recovery.steps.at(-1);
    return { fault: recovery.cause.at / 1000, end: recovery.done && last !== undefined ? last.at / 1000 : null };
  });
  return (
    <section className="tm-panel live-charts" aria-labelledby="live-charts-title">
      <div className="tm-panel-head"><h2 id="live-charts-title" className="tm-b">{t('live.chart.title')}</h2><span className="tm-sub">{t('live.chart.sub', { span: formatSetting(span * 1000, language) })}</span></div>
      {series.seconds.length < 2 ? <p className="live-none tm-t12 tm-mute">{t('live.chart.none')}</p> : <>
      <OneChart name={t('live.chart.events')} unit="" seconds={series.seconds} values={series.eventsPerSecond} marks={marks} span={span} kind="number" format={formatRate} formatTick={formatRate} />
      <OneChart name={t('live.chart.behind')} unit="" seconds={series.seconds} values={series.behindMs} marks={marks} span={span} kind="duration" format={(ms) => formatDuration(ms, language)} formatTick={(ms) => formatSetting(ms, language)} />
      </>}
    </section>
  );
}
