/** Where events come from and what they look like: file, format, fields, time, lateness, pace. Other data are chosen in the data dialog. */
import { Button, NumberInput, SegmentedControl, Select } from '@mantine/core';
import { IconDatabase, IconRefresh } from '@tabler/icons-react';
import type { JobDocument, Rate } from '@tidemark/pattern';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { DataDialog } from '../data/index.ts';
import { errorText } from '../shell/states.tsx';
import { useSample, useShown, useWorkbench } from '../store/context.tsx';
import { DurationInput } from './duration-input.tsx';
import { SplitsSection } from './splits-section.tsx';
import { applyData } from '../pages/design/apply-data.ts';

const TYPES = ['string', 'double', 'int', 'bool'] as const;
const FORMATS = ['epoch-ms', 'epoch-s', 'epoch-us', 'iso8601', 'datetime'] as const;

export function SourcePanel() {
  const { t, i18n } = useTranslation();
  const { design, sample } = useWorkbench();
  const document = useShown();
  const status = useSample((state) => state.status);
  const [asking, setAsking] = useState(false);
  const { schema, source } = document;
  const byClock = document.timeDomain === 'PROCESSING_TIME';
  const number = useMemo(() => new Intl.NumberFormat(i18n.language), [i18n.language]);
  const setSchema = (next: NonNullable<JobDocument['schema']>): void => design.getState().execute({ kind: 'set-schema', schema: next });
  return (
    <>
      <section className="tm-section tm-stack">
        {source === null && status.kind !== 'ready'
          ? <p className="tm-dim tm-t12">{t('design.source.none')}</p>
          : <p className="tm-dim tm-t12">{source === null ? '' : t(`design.source.${source.kind}`)}{source?.kind === 'file' && source.path !== undefined ? ` ${source.path}` : ''}</p>}
        {status.kind === 'ready' && (
          <div>
            <p><b>{status.name}</b></p>
            <p className="tm-dim tm-t12">{t('design.source.events', { n: number.format(status.loaded.events) })}{status.loaded.more ? ` ${t('design.source.more')}` : ''}{source?.kind === 'file' ? ` · ${source.format.toUpperCase()}` : ''}</p>
            {status.loaded.deadLetterCount > 0 && (
              <details className="tm-details">
                <summary className="tm-mark" data-hue="amber">{t('design.source.deadLetters', { count: status.loaded.deadLetterCount })}</summary>
                <ul className="tm-t11">{status.loaded.deadLetters.map((letter) => <li key={letter.position}><b>{t('design.source.record', { n: letter.position + 1 })}</b> {letter.detail} <span className="tm-mono11 tm-mute">{letter.excerpt.slice(0, 60)}</span></li>)}</ul>
              </details>
            )}
          </div>
        )}
        {status.kind === 'failed' && <div role="alert" className="tm-stack"><p className="tm-t12 tm-finding" data-hue="red">{errorText(status.error)}</p><Button size="xs" leftSection={<IconRefresh size={14} aria-hidden />} onClick={() => sample.getState().retry()}>{t('common.retry')}</Button></div>}
        <Button leftSection={<IconDatabase size={14} aria-hidden />} variant={source === null ? 'filled' : 'default'} onClick={() => setAsking(true)}>{source === null ? t('design.source.choose') : t('design.source.change')}</Button>
      </section>
      {source !== null && <SplitsSection source={source} />}
      {source !== null && <RateSection source={source} />}
      {schema !== null && (
        <>
          <section className="tm-section tm-stack">
            <Select label={t('design.source.timeField')} value={schema.time.field} data={schema.fields.map((field) => field.name)}
                    onChange={(field) => { if (field !== null) setSchema({ fields: schema.fields.map((known) => (known.name === field ? { ...known, type: 'int' as const } : known)), time: { ...schema.time, field } }); }} />
            <Select label={t('design.source.timeFormat')} value={schema.time.format} data={FORMATS.map((format) => ({ value: format, label: t(`data.format.${format}`) }))} onChange={(format) => { if (format !== null) setSchema({ ...schema, time: { ...schema.time, format: format as (typeof FORMATS)[number] } }); }} />
            <SegmentedControl size="xs" fullWidth value={document.timeDomain ?? 'EVENT_TIME'} aria-label={t('design.time.title')}
                              onChange={(domain) => design.getState().execute({ kind: 'set-settings', settings: { timeDomain: domain === 'PROCESSING_TIME' ? domain : undefined } })}
                              data={[{ value: 'EVENT_TIME', label: t('design.time.event') }, { value: 'PROCESSING_TIME', label: t('design.time.processing') }]} />
            <p className="tm-t11 tm-mute">{t(byClock ? 'design.time.processingHint' : 'design.time.eventHint')}</p>
            {!byClock && <DurationInput label={t('design.source.lateness')} value={document.outOfOrdernessMs} leastMs={0} onChange={(ms) => { if (ms !== null) design.getState().execute({ kind: 'set-settings', settings: { outOfOrdernessMs: ms } }); }} />}
            {!byClock && <p className="tm-t11 tm-mute">{t('design.source.latenessHint')}</p>}
          </section>
          <section className="tm-section">
            <p className="tm-label">{t('design.source.fields', { count: schema.fields.length })}</p>
            <ul className="tm-fields">
              {schema.fields.map((field, index) => {
                const known = status.kind === 'ready' ? status.loaded.fields.find((other) => other.name === field.name) : undefined;
                return (
                  <li key={field.name}>
                    <span className="tm-mono11 tm-clip" title={field.name}>{field.name}</span>
                    <span className="tm-mute tm-t11 tm-clip" title={known?.top.map((entry) => entry.value).slice(0, 3).join(', ')}>{field.name === schema.time.field ? t('design.source.isTime') : known?.top[0]?.value ?? ''}</span>
                    <Select aria-label={t('data.proposal.typeOf', { name: field.name })} disabled={field.name === schema.time.field} value={field.type} data={TYPES.map((type) => ({ value: type, label: t(`data.type.${type}`) }))} comboboxProps={{ width: 140, position: 'bottom-end' }}
                            onChange={(type) => { if (type !== null) setSchema({ ...schema, fields: schema.fields.map((old, at) => (at === index ? { ...old, type: type as (typeof TYPES)[number] } : old)) }); }} />
                  </li>
                );
              })}
            </ul>
          </section>
        </>
      )}
      <DataDialog opened={asking} title={t('design.source.change')} close={() => setAsking(false)}
                  chosen={(data) => { setAsking(false); sample.getState().paste(null); applyData(design, data); }} />
    </>
  );
}

function RateSection({ source }: { source: NonNullable<JobDocument['source']> }) {
  const { t } = useTranslation();
  const { design } = useWorkbench();
  const { rate } = source;
  const set = (next: Rate): void => design.getState().execute({ kind: 'set-source', source: { ...source, rate: next } }, 'rate');
  const choose = (kind: string): void => {
    if (kind === rate.kind) return;
    set(kind === 'unlimited' ? { kind } : kind === 'per-second' ? { kind, events: 100 } : { kind: 'event-time', speed: 1 });
  };
  return (
    <section className="tm-section tm-stack">
      <p className="tm-label">{t('design.rate.title')}</p>
      <SegmentedControl size="xs" fullWidth value={rate.kind} onChange={choose} aria-label={t('design.rate.title')}
                        data={[{ value: 'unlimited', label: t('design.rate.fast') }, { value: 'per-second', label: t('design.rate.perSecond') }, { value: 'event-time', label: t('design.rate.eventTime') }]} />
      {rate.kind === 'per-second' && <NumberInput aria-label={t('design.rate.perSecond')} suffix={` ${t('design.rate.perSecondUnit')}`} min={0.001} value={rate.events} onChange={(value) => { const n = Number(value); if (value !== '' && n > 0 && n <= 10_000_000) set({ ...rate, events: n }); }} />}
      {rate.kind === 'event-time' && <NumberInput aria-label={t('design.rate.eventTime')} prefix="× " min={0.001} value={rate.speed} onChange={(value) => { const n = Number(value); if (value !== '' && n > 0 && n <= 1_000_000_000) set({ ...rate, speed: n }); }} />}
      {rate.kind !== 'unlimited' && rate.head !== undefined && rate.head > 0 && <p className="tm-t11 tm-mute">{t('design.rate.head', { n: rate.head })}</p>}
    </section>
  );
}
