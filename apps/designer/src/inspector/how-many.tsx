/** "How many" of a stage or group: once, N, N to M, N or more; optional; as many as possible. Shows and asks, decides nothing. */
import { Checkbox, NumberInput, SegmentedControl } from '@mantine/core';
import type { Quantifier } from '@tidemark/pattern';
import { useTranslation } from 'react-i18next';
import { type Repeat, repeatOf } from '../canvas/words.ts';

export interface HowManyProps {
  readonly quantifier: Quantifier;
  readonly onChange: (quantifier: Quantifier) => void;
  /** Why greedy cannot be switched on here, in words; null = it can. */
  readonly greedyRefused: string | null;
  /** A group, or whatever else that says it is not to be asked. */
  readonly withGreedy: boolean;
}

/** The quantifier with another repeat, keeping what is said beside it. */
export function withRepeat(quantifier: Quantifier, repeat: Repeat): Quantifier {
  const kept = quantifier.properties.filter((property) => property === 'OPTIONAL' || property === 'GREEDY');
  const windowTime = quantifier.times?.windowTime ?? null;
  switch (repeat.kind) {
    case 'once': return { ...quantifier, properties: ['SINGLE', ...kept], times: null };
    case 'times': return { ...quantifier, properties: ['TIMES', ...kept], times: { from: repeat.from, to: repeat.from, windowTime } };
    case 'range': return { ...quantifier, properties: ['TIMES', ...kept], times: { from: repeat.from, to: repeat.to, windowTime } };
    case 'orMore': return { ...quantifier, properties: ['LOOPING', ...kept], times: { from: repeat.from, to: repeat.from, windowTime } };
  }
}

export function withProperty(quantifier: Quantifier, property: 'OPTIONAL' | 'GREEDY', on: boolean): Quantifier {
  const without = quantifier.properties.filter((other) => other !== property);
  return { ...quantifier, properties: on ? [...without, property] : without };
}

/** A number that somebody typed, kept within what a document can hold. */
const whole = (value: string | number, least: number): number => Math.min(100_000, Math.max(least, Math.round(Number(value)) || least));

export function HowMany({ quantifier, onChange, greedyRefused, withGreedy }: HowManyProps) {
  const { t } = useTranslation();
  const repeat = repeatOf(quantifier);
  const from = repeat.kind === 'once' ? 2 : repeat.from;
  const choose = (kind: string): void => {
    if (kind === repeat.kind) return;
    onChange(withRepeat(quantifier, kind === 'times' ? { kind, from } : kind === 'range' ? { kind, from, to: Math.max(from + 1, repeat.kind === 'range' ? repeat.to : 0) } : kind === 'orMore' ? { kind, from: repeat.kind === 'once' ? 1 : from } : { kind: 'once' }));
  };
  return (
    <div className="tm-how-many">
      <SegmentedControl size="xs" fullWidth value={repeat.kind} onChange={choose} aria-label={t('design.inspector.howMany')}
                        data={[{ value: 'once', label: t('design.repeat.once') }, { value: 'times', label: t('design.repeat.n') }, { value: 'range', label: t('design.repeat.nToM') }, { value: 'orMore', label: t('design.repeat.nOrMore') }]} />
      {repeat.kind !== 'once' && (
        <div className="tm-row tm-how-many-numbers">
          <NumberInput aria-label={repeat.kind === 'range' ? t('design.repeat.atLeast') : t('design.repeat.number')} value={repeat.from} min={1} max={100_000} allowDecimal={false} allowNegative={false} clampBehavior="blur" className="tm-number"
                       onChange={(value) => { if (value !== '') onChange(withRepeat(quantifier, repeat.kind === 'range' ? { kind: 'range', from: whole(value, 1), to: Math.max(repeat.to, whole(value, 1)) } : { ...repeat, from: whole(value, 1) })); }} />
          {repeat.kind === 'range' && <>
            <span className="tm-dim">{t('design.repeat.to')}</span>
            <NumberInput aria-label={t('design.repeat.atMost')} value={repeat.to} min={repeat.from} max={100_000} allowDecimal={false} allowNegative={false} clampBehavior="blur" className="tm-number"
                         onChange={(value) => { if (value !== '') onChange(withRepeat(quantifier, { kind: 'range', from: Math.min(repeat.from, whole(value, 1)), to: whole(value, 1) })); }} />
          </>}
          <span className="tm-dim">{repeat.kind === 'orMore' ? t('design.repeat.orMore') : t('design.repeat.times')}</span>
        </div>
      )}
      <div className="tm-row tm-how-many-checks">
        <Checkbox label={t('design.repeat.optional')} checked={quantifier.properties.includes('OPTIONAL')} onChange={(event) => onChange(withProperty(quantifier, 'OPTIONAL', event.currentTarget.checked))} />
        {withGreedy && repeat.kind !== 'once' && (
          <Checkbox label={t('design.repeat.greedy')} checked={quantifier.properties.includes('GREEDY')} disabled={greedyRefused !== null && !quantifier.properties.includes('GREEDY')}
                    title={greedyRefused ?? undefined} onChange={(event) => onChange(withProperty(quantifier, 'GREEDY', event.currentTarget.checked))} />
        )}
      </div>
      {withGreedy && greedyRefused !== null && repeat.kind !== 'once' && <p className="tm-t11 tm-mute">{greedyRefused}</p>}
    </div>
  );
}
