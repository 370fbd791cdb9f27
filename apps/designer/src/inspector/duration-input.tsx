/** A length of time as people type it: "10m", "1h30m", "10 分钟"; the normalised value stands beside it. */
import { TextInput } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { formatDuration, parseDuration } from '../canvas/duration.ts';
import { currentLanguage } from '../i18n/index.ts';

export interface DurationInputProps {
  /** Milliseconds; null = none. */
  readonly value: number | null;
  readonly onChange: (ms: number | null) => void;
  readonly label: string;
  readonly hideLabel?: boolean;
  /** Whether an empty field means "none" (else it is refused). */
  readonly optional?: boolean;
  readonly placeholder?: string;
  readonly leastMs?: number;
}

export function DurationInput({ value, onChange, label, hideLabel = false, optional = false, placeholder, leastMs = 1 }: DurationInputProps) {
  const { t } = useTranslation();
  const language = currentLanguage();
  const shown = value === null ? '' : formatDuration(value, language);
  const [text, setText] = useState(shown);
  const [typing, setTyping] = useState(false);
  useEffect(() => { if (!typing) setText(shown); }, [shown, typing]);
  const parsed = parseDuration(text);
  const empty = text.trim() === '';
  const wrong = typing && !empty && parsed === null;
  const tooShort = parsed !== null && parsed < leastMs;
  const commit = (): void => {
    setTyping(false);
    if (empty && optional) { if (value !== null) onChange(null); } else if (parsed !== null && !tooShort && parsed !== value) onChange(parsed);
    else setText(shown);
  };
  return (
    <TextInput {...(hideLabel ? { 'aria-label': label } : { label })} value={text} placeholder={placeholder ?? t('design.duration.placeholder')}
               error={wrong ? t('design.duration.wrong') : tooShort ? t('design.duration.tooShort', { least: formatDuration(leastMs, language) }) : undefined}
               rightSection={typing && parsed !== null && formatDuration(parsed, language) !== text ? <span className="tm-mute tm-t11 tm-duration-reads">= {formatDuration(parsed, language)}</span> : undefined} rightSectionWidth={110} rightSectionPointerEvents="none"
               onFocus={() => setTyping(true)} onBlur={commit} onChange={(event) => { setTyping(true); setText(event.currentTarget.value); }}
               onKeyDown={(event) => { if (event.key === 'Enter') commit(); else if (event.key === 'Escape') { setText(shown); setTyping(false); } }} />
  );
}
