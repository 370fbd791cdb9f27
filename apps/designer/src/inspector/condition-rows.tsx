/**
 * A condition as rows: field, operator, value; the value from the sample, another field, or an earlier stage.
 *
 * Always  operators fit the field's type; every change is told as CEL at once.
 * Not here: which texts have rows at all (packages/condition decides; condition-editor.tsx shows the text otherwise).
 */
import { ActionIcon, Autocomplete, Button, Menu, NumberInput, Select, TagsInput } from '@mantine/core';
import { IconPlus, IconSwitchHorizontal, IconX } from '@tabler/icons-react';
import { type BuilderRow, type BuilderRows, type ColumnStatistics, type ConditionScope, type RowOperand, type RowOperator, operatorsFor } from '@tidemark/condition';
import type { FieldSchema } from '@tidemark/event';
import { useTranslation } from 'react-i18next';

export interface ConditionRowsProps {
  readonly rows: BuilderRows;
  readonly onChange: (rows: BuilderRows) => void;
  readonly scope: ConditionScope;
  readonly statistics: ColumnStatistics | null;
  /** Stages that may be compared with: label by name. */
  readonly earlier: readonly { readonly name: string; readonly label: string }[];
}

export function ConditionRows({ rows, onChange, scope, statistics, earlier }: ConditionRowsProps) {
  const { t } = useTranslation();
  const set = (index: number, row: BuilderRow | null): void =>
    onChange({ ...rows, rows: rows.rows.flatMap((old, at) => (at === index ? (row === null ? [] : [row]) : [old])) });
  const add = (): void => {
    const used = new Set(rows.rows.map((row) => row.field));
    const field = tellingField(scope.schema.fields.filter((candidate) => !used.has(candidate.name) && candidate.name !== scope.schema.time.field), statistics) ?? scope.schema.fields[0];
    if (field) onChange({ ...rows, rows: [...rows.rows, freshRow(field, statistics)] });
  };
  return (
    <div className="tm-rows-form">
      {rows.rows.length > 1 && (
        <Select aria-label={t('design.rows.combine')} size="xs" variant="unstyled" className="tm-rows-combine" value={rows.combine} allowDeselect={false}
                data={[{ value: 'all', label: t('design.rows.all') }, { value: 'any', label: t('design.rows.any') }]}
                onChange={(value) => onChange({ ...rows, combine: value === 'any' ? 'any' : 'all' })} />
      )}
      <ul className="tm-rows-list">
        {rows.rows.map((row, index) => <Row key={index} row={row} index={index} set={set} scope={scope} statistics={statistics} earlier={earlier} />)}
      </ul>
      <Button variant="subtle" size="xs" leftSection={<IconPlus size={14} aria-hidden />} onClick={add} disabled={scope.schema.fields.length === 0}>{t('design.rows.add')}</Button>
    </div>
  );
}

/** The field that tells events apart best: a text with few values, each of them frequent; without a sample the first. */
export function tellingField(fields: readonly FieldSchema[], statistics: ColumnStatistics | null): FieldSchema | undefined {
  const values = (field: FieldSchema): number => {
    const known = statistics?.fields.find((other) => other.name === field.name);
    if (known === undefined || known.top.length < 2) return 1_000;
    return (field.type === 'string' ? 0 : field.type === 'bool' ? 20 : 100) + (known.top[0]?.count === 1 ? 500 : known.top.length);
  };
  return [...fields].sort((a, b) => values(a) - values(b))[0];
}

/** A new row compares with the most frequent value, so that it means something from the start. */
export function freshRow(field: FieldSchema, statistics: ColumnStatistics | null): BuilderRow {
  const top = statistics?.fields.find((known) => known.name === field.name)?.top[0]?.value;
  return { field: field.name, operator: 'is', operand: { kind: 'value', value: valueOf(top ?? '', field.type) } };
}

/** A typed text as a value of the field's type. */
export function valueOf(text: string, type: FieldSchema['type']): string | number | boolean {
  if (type === 'bool') return text === 'true';
  if (type === 'string') return text;
  const number = Number(text);
  return Number.isFinite(number) && text.trim() !== '' ? number : 0;
}

const needsNone = (operator: RowOperator): boolean => operator === 'present' || operator === 'absent';
const needsList = (operator: RowOperator): boolean => operator === 'one-of' || operator === 'none-of';
const onlyValue = (operator: RowOperator): boolean => operator.includes('with') || operator.includes('contains') || operator.includes('matches');

/** The operand that goes with an operator, keeping what was there where it fits. */
export function operandFor(operator: RowOperator, before: RowOperand, type: FieldSchema['type']): RowOperand {
  if (needsNone(operator)) return { kind: 'none' };
  const value = before.kind === 'value' ? before.value : before.kind === 'values' ? before.values[0] ?? valueOf('', type) : valueOf('', type);
  if (needsList(operator)) return before.kind === 'values' ? before : { kind: 'values', values: [value] };
  if (onlyValue(operator)) return { kind: 'value', value: String(value) };
  return before.kind === 'none' || before.kind === 'values' ? { kind: 'value', value } : before;
}

interface RowProps extends Omit<ConditionRowsProps, 'rows' | 'onChange'> { readonly row: BuilderRow; readonly index: number; readonly set: (index: number, row: BuilderRow | null) => void }

function Row({ row, index, set, scope, statistics, earlier }: RowProps) {
  const { t } = useTranslation();
  const field = scope.schema.fields.find((candidate) => candidate.name === row.field);
  const type = field?.type ?? 'string';
  const operators = field === undefined ? [row.operator] : operatorsFor(field);
  const compare = !needsNone(row.operator) && !needsList(row.operator) && !onlyValue(row.operator);
  const put = (change: Partial<BuilderRow>): void => set(index, { ...row, ...change });
  const same = scope.schema.fields.filter((candidate) => candidate.name !== row.field && (candidate.type === type || (isNumber(candidate.type) && isNumber(type))));
  const n = index + 1;
  return (
    <li className="tm-row-form" data-wide={row.operand.kind === 'stage' || row.operand.kind === 'values' || undefined}>
      <Select aria-label={t('design.rows.field', { n })} value={row.field} searchable={scope.schema.fields.length > 8} data={[...new Set([...scope.schema.fields.map((candidate) => candidate.name), row.field])]}
              onChange={(name) => {
                const next = scope.schema.fields.find((candidate) => candidate.name === name);
                if (next) set(index, operatorsFor(next).includes(row.operator) && next.type === type ? { ...row, field: next.name } : freshRow(next, statistics));
              }} />
      <Select aria-label={t('design.rows.operator', { n })} value={row.operator} data={operators.map((operator) => ({ value: operator, label: t(`design.operator.${operator}`) }))} comboboxProps={{ width: 170, position: 'bottom-start' }}
              onChange={(operator) => { if (operator !== null) put({ operator: operator as RowOperator, operand: operandFor(operator as RowOperator, row.operand, type) }); }} />
      <div className="tm-row-value">
        <Value row={row} type={type} n={n} set={(operand) => put({ operand })} scope={scope} statistics={statistics} earlier={earlier} />
        {compare && (same.length > 0 || earlier.length > 0) && (
          <Menu position="bottom-end">
            <Menu.Target><ActionIcon size={24} aria-label={t('design.rows.compareWith', { n })}><IconSwitchHorizontal size={14} stroke={1.6} /></ActionIcon></Menu.Target>
            <Menu.Dropdown>
              <Menu.Label>{t('design.rows.compareWithLabel')}</Menu.Label>
              <Menu.Item onClick={() => put({ operand: { kind: 'value', value: valueOf(statistics?.fields.find((known) => known.name === row.field)?.top[0]?.value ?? '', type) } })}>{t('design.rows.aValue')}</Menu.Item>
              {same[0] !== undefined && <Menu.Item onClick={() => put({ operand: { kind: 'field', field: (same[0] as FieldSchema).name } })}>{t('design.rows.aField')}</Menu.Item>}
              {earlier.map((stage) => (
                <Menu.Item key={stage.name} onClick={() => put({ operand: { kind: 'stage', stage: stage.name, which: 'first', field: row.field, factor: null, plus: null } })}>{t('design.rows.aStage', { stage: stage.label })}</Menu.Item>
              ))}
            </Menu.Dropdown>
          </Menu>
        )}
      </div>
      <ActionIcon size={24} aria-label={t('design.rows.remove', { n })} onClick={() => set(index, null)}><IconX size={14} stroke={1.6} /></ActionIcon>
    </li>
  );
}

const isNumber = (type: FieldSchema['type']): boolean => type === 'int' || type === 'double';

function Value({ row, type, n, set, scope, statistics, earlier }: { row: BuilderRow; type: FieldSchema['type']; n: number; set: (operand: RowOperand) => void } & Pick<ConditionRowsProps, 'scope' | 'statistics' | 'earlier'>) {
  const { t } = useTranslation();
  const { operand } = row;
  const known = statistics?.fields.find((field) => field.name === row.field);
  const label = t('design.rows.value', { n });
  switch (operand.kind) {
    case 'none': return <span className="tm-mute tm-t12">–</span>;
    case 'values': return (
      <TagsInput aria-label={label} size="xs" value={operand.values.map(String)} data={(known?.top ?? []).map((entry) => entry.value)} className="tm-grow"
                 onChange={(values) => set({ kind: 'values', values: values.map((value) => valueOf(value, type)) })} />
    );
    case 'field': return (
      <Select aria-label={label} className="tm-grow" value={operand.field} data={scope.schema.fields.filter((field) => field.type === type || (isNumber(field.type) && isNumber(type))).map((field) => field.name)}
              onChange={(field) => { if (field !== null) set({ kind: 'field', field }); }} />
    );
    case 'stage': return (
      <div className="tm-row-stage">
        <Select aria-label={t('design.rows.which', { n })} value={`${operand.which} ${operand.stage}`} className="tm-grow"
                data={earlier.flatMap((stage) => [{ value: `first ${stage.name}`, label: t('design.rows.firstOf', { stage: stage.label }) }, { value: `last ${stage.name}`, label: t('design.rows.lastOf', { stage: stage.label }) }])}
                onChange={(value) => { if (value !== null) set({ ...operand, which: value.startsWith('last ') ? 'last' : 'first', stage: value.slice(value.indexOf(' ') + 1) }); }} />
        <Select aria-label={t('design.rows.stageField', { n })} value={operand.field} data={scope.schema.fields.map((field) => field.name)} className="tm-grow"
                onChange={(field) => { if (field !== null) set({ ...operand, field }); }} />
        {isNumber(type) && <>
          <NumberInput aria-label={t('design.rows.factor', { n })} prefix="× " value={operand.factor ?? ''} placeholder="×" hideControls className="tm-row-number"
                       onChange={(value) => set({ ...operand, factor: value === '' || !Number.isFinite(Number(value)) ? null : Number(value) })} />
          <NumberInput aria-label={t('design.rows.plus', { n })} value={operand.plus ?? ''} placeholder="+" hideControls className="tm-row-number"
                       onChange={(value) => set({ ...operand, plus: value === '' || Number(value) === 0 || !Number.isFinite(Number(value)) ? null : Number(value) })} />
        </>}
      </div>
    );
    default:
      if (type === 'bool') return <Select aria-label={label} className="tm-grow" value={String(operand.value)} data={[{ value: 'true', label: t('design.rows.true') }, { value: 'false', label: t('design.rows.false') }]} onChange={(value) => set({ kind: 'value', value: value === 'true' })} />;
      if (isNumber(type)) return <NumberInput aria-label={label} className="tm-grow" value={Number(operand.value)} hideControls allowDecimal={type === 'double'} onChange={(value) => { if (value !== '' && Number.isFinite(Number(value))) set({ kind: 'value', value: Number(value) }); }} />;
      return (
        <Autocomplete aria-label={label} className="tm-grow" value={String(operand.value)} data={(known?.top ?? []).map((entry) => entry.value)} selectFirstOptionOnChange={false} comboboxProps={{ width: 220, position: 'bottom-end' }}
                      renderOption={({ option }) => <span className="tm-row tm-grow"><span className="tm-clip tm-grow">{option.value}</span><span className="tm-mute tm-mono11">{known?.top.find((entry) => entry.value === option.value)?.count}</span></span>}
                      onChange={(value) => set({ kind: 'value', value })} />
      );
  }
}
