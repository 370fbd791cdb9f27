/** How to begin: four templates, drawn by the renderer of the canvas; one's own data; a blank drawing. */
import { Button } from '@mantine/core';
import { IconCloudUpload, IconFileUpload, IconLoader2, IconPencilPlus, IconPlayerPlay } from '@tabler/icons-react';
import { memo, useMemo, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { PatternThumb } from '../../canvas/pattern-thumb.tsx';
import type { Way } from '../../data/index.ts';
import { formatCount } from '../../dashboard/format.ts';
import { type Language, currentLanguage } from '../../i18n/index.ts';
import { TEMPLATES, type Template, documentOfTemplate } from './templates.ts';

export interface StartSectionProps {
  /** Nothing is there yet: this is the page's main part. */
  readonly empty: boolean;
  readonly opening: string | null;
  openTemplate(template: Template): void;
  chooseData(way: Way, file?: File): void;
  openBlank(): void;
}

export function StartSection({ empty, opening, openTemplate, chooseData, openBlank }: StartSectionProps) {
  const { t } = useTranslation();
  const language = currentLanguage();
  return (
    <section className="jobs-start" aria-labelledby="jobs-start-title">
      <div className="jobs-start-head"><h2 id="jobs-start-title">{t('jobs.start.title')}</h2><span className="tm-t12 tm-mute">{t('jobs.start.hint')}</span></div>
      <ul className="jobs-templates">
        {TEMPLATES.map((template) => <TemplateCard key={template.id} template={template} language={language} busy={opening === template.id} disabled={opening !== null} open={openTemplate} />)}
      </ul>
      <h2 className="jobs-own-title">{t('jobs.start.own')}</h2>
      <div className="jobs-own" data-empty={empty}>
        <DataCard choose={chooseData} />
        <article className="jobs-own-card">
          <div className="jobs-own-icon" aria-hidden><IconPencilPlus size={22} stroke={1.5} /></div>
          <div><h3>{t('jobs.start.blank.title')}</h3><p className="tm-dim">{t('jobs.start.blank.text')}</p></div>
          <Button onClick={openBlank}>{t('jobs.start.blank.open')}</Button>
        </article>
      </div>
    </section>
  );
}

const TemplateCard = memo(function TemplateCard({ template, language, busy, disabled, open }: { readonly template: Template; readonly language: Language; readonly busy: boolean; readonly disabled: boolean; open(template: Template): void }) {
  const { t } = useTranslation();
  const document = useMemo(() => documentOfTemplate(template, language), [template, language]);
  const name = template.name[language];
  return (
    <li>
      <button type="button" className="jobs-template" data-template={template.id} disabled={disabled} onClick={() => open(template)}>
        <span className="jobs-template-thumb" aria-hidden><PatternThumb document={document} width={296} height={84} /></span>
        <span className="jobs-template-body">
          <b className="tm-b jobs-template-name">{name}</b>
          <span className="jobs-template-text tm-t12 tm-dim">{template.description[language]}</span>
          <span className="jobs-template-foot tm-t11 tm-mute">
            {busy ? <IconLoader2 size={13} stroke={1.8} className="jobs-spin" aria-hidden /> : <IconPlayerPlay size={13} stroke={1.8} aria-hidden />}
            <span>{busy ? t('jobs.start.opening', { name }) : t('jobs.start.sample', { events: formatCount(template.events), count: template.matches })}</span>
            <span className="jobs-template-persona">{template.persona[language]}</span>
          </span>
          <span className="jobs-template-foot tm-t11 tm-mute"><span className="tm-clip">{t('jobs.start.shows', { what: template.teaches[language] })}</span></span>
          <span className="jobs-template-foot tm-t11 tm-mute"><span className="tm-clip" title={template.credit ?? undefined}>{template.credit ?? t('jobs.start.invented')}</span>
          </span>
        </span>
      </button>
    </li>
  );
});

function DataCard({ choose }: { choose(way: Way, file?: File): void }) {
  const { t } = useTranslation();
  const input = useRef<HTMLInputElement>(null);
  return (
    <article className="jobs-own-card jobs-own-data">
      <div className="jobs-own-icon" aria-hidden><IconCloudUpload size={22} stroke={1.5} /></div>
      <div><h3>{t('jobs.start.data.title')}</h3><p className="tm-dim">{t('jobs.start.data.text')} <span className="tm-mute">{t('jobs.start.data.kinds')}.</span></p><p className="tm-t12 tm-mute">{t('jobs.start.data.drop')}</p></div>
      <div className="jobs-own-actions">
        <Button leftSection={<IconFileUpload size={14} stroke={1.8} aria-hidden />} onClick={() => input.current?.click()}>{t('jobs.start.data.choose')}</Button>
        <Button variant="subtle" onClick={() => choose('paste')}>{t('jobs.start.data.paste')}</Button>
      </div>
      <input ref={input} type="file" className="tm-sr" tabIndex={-1} aria-label={t('jobs.start.data.choose')} accept=".csv,.tsv,.ndjson,.jsonl,.json,.log,.txt"
             onChange={(event) => {
               const file = event.currentTarget.files?.[0];
               if (file !== undefined) choose('file', file);
               event.currentTarget.value = '';
             }} />
    </article>
  );
}
