/**
 * Which of several patterns is drawn: a row of tabs, or a list to search where they are many. Nothing where there is one.
 * Shows what it is given; decides nothing.
 */
import { Select } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import './pattern-tabs.css';

export interface PatternTab { readonly id: string; readonly name: string; readonly errors?: number }
export interface PatternTabsProps {
  readonly patterns: readonly PatternTab[];
  readonly shown: string | null;
  readonly choose: (id: string) => void;
  /** Stands behind the tabs. */
  readonly children?: ReactNode;
}

const TABS_MAX = 10;
const LISTED_MAX = 100;

export function PatternTabs({ patterns, shown, choose, children }: PatternTabsProps) {
  const { t } = useTranslation();
  if (patterns.length < 2) return null;
  return (
    <nav className="tm-pattern-tabs" aria-label={t('design.patterns.title')}>
      {patterns.length > TABS_MAX
        ? <Select size="xs" aria-label={t('design.patterns.choose', { count: patterns.length })} searchable limit={LISTED_MAX} allowDeselect={false} value={shown}
                  data={patterns.map(({ id, name }) => ({ value: id, label: name }))} onChange={(id) => { if (id !== null) choose(id); }} />
        : (
          <div className="tm-tabs" data-size="sm">
            {patterns.map(({ id, name, errors = 0 }) => (
              <button key={id} type="button" aria-current={id === shown ? 'page' : undefined} title={name} onClick={() => choose(id)}>
                <span className="tm-clip">{name}</span>{errors > 0 && <span className="tm-count" data-hue="red" aria-label={t('design.canvas.errors', { count: errors })}>{errors}</span>}
              </button>
            ))}
          </div>
        )}
      {children}
    </nav>
  );
}
