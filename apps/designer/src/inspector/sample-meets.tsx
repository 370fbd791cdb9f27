/** How many events of the sample meet a stage's condition, the values of the field it asks first, and which events these are. */
import { useMediaQuery } from '@mantine/hooks';
import { checkCondition } from '@tidemark/condition';
import type { AtomicNode } from '@tidemark/pattern';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { scopeOf } from '../canvas/condition-words.ts';
import { formatTime } from '../test-dock/format-time.ts';
import type { SampleEvent } from '../test-dock/sample.ts';
import { useSample, useShown } from '../store/context.tsx';
import { useAnswer } from '../test-dock/use-engine.ts';

export function SampleMeets({ node }: { node: AtomicNode }) {
  const { t, i18n } = useTranslation();
  const status = useSample((state) => state.status);
  const count = useSample((state) => state.counts[node.id]);
  const document = useShown();
  const roomy = useMediaQuery('(min-width: 1600px)') ?? false;
  const [events, setEvents] = useState<readonly SampleEvent[]>([]);
  const rows = count?.rows;
  const question = useMemo(() => (!roomy || rows === undefined || rows.length === 0 ? null : { rows: rows.slice(0, 6) }), [roomy, rows]);
  useAnswer('events', question, (answer) => setEvents(answer?.events ?? []));
  const expression = node.condition?.expression ?? '';
  const field = useMemo(() => {
    const scope = scopeOf(document);
    const checked = checkCondition(expression, scope);
    const index = checked.ok ? checked.condition.fields.find((at) => scope.schema.fields[at]?.name !== scope.schema.time.field) : undefined;
    return index === undefined ? null : scope.schema.fields[index]?.name ?? null;
  }, [document, expression]);
  if (status.kind !== 'ready') return <p className="tm-t12 tm-mute">{t(`design.sample.${status.kind}`)}</p>;
  const total = status.loaded.events;
  const number = new Intl.NumberFormat(i18n.language);
  const values = status.loaded.fields.find((known) => known.name === field);
  const most = values?.top[0]?.count ?? 1;
  return (
    <div className="tm-meets">
      {count === undefined || count.count === null
        ? <p className="tm-t12 tm-mute">{t('design.sample.notCounted')}</p>
        : <>
            <p>{t(count.exact ? 'design.sample.meet' : 'design.sample.meetAtMost', { n: number.format(count.count), total: number.format(total) })}</p>
            <div className="tm-foot-bar" role="presentation"><i style={{ width: `${total === 0 ? 0 : (count.count / total) * 100}%` }} /></div>
            {!count.exact && <p className="tm-t11 tm-mute">{t('design.sample.atMostWhy')}</p>}
          </>}
      {values !== undefined && values.top.length > 0 && (
        <div className="tm-values">
          <p className="tm-label">{t('design.sample.valuesOf')} <span className="tm-mono11">{values.name}</span></p>
          <ul>
            {values.top.slice(0, roomy ? 8 : 4).map((entry) => (
              <li key={entry.value}><span className="tm-mono11 tm-clip" title={entry.value}>{entry.value}</span><span className="tm-foot-bar" aria-hidden><i style={{ width: `${(entry.count / most) * 100}%` }} /></span><span className="tm-num">{number.format(entry.count)}</span></li>
            ))}
          </ul>
        </div>
      )}
      {events.length > 0 && (
        <div>
          <p className="tm-label">{t('design.sample.eventsThatMeet')}</p>
          <table className="tm-table tm-meets-table"><tbody>
            {events.map((event) => (
              <tr key={event.position}><td className="tm-mono11">{formatTime(event.ts)}</td>
                {status.loaded.fields.filter((known) => known.name !== document.schema?.time.field).slice(0, 3).map((known) => <td key={known.name} className="tm-mono11 tm-clip">{String(event.fields[known.name] ?? '–')}</td>)}</tr>
            ))}
          </tbody></table>
        </div>
      )}
    </div>
  );
}
