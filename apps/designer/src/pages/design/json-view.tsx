/** The document as JSON: read, copied, downloaded, changed. What is not right is told with line and column and changes nothing. */
import { Button, CopyButton } from '@mantine/core';
import { IconAlertCircle, IconCheck, IconCopy, IconDownload } from '@tabler/icons-react';
import { decodeDocument } from '@tidemark/pattern';
import { useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { currentLanguage } from '../../i18n/index.ts';
import { raisedText } from '../../i18n/issue-text.ts';
import { useDesign, useWorkbench } from '../../store/context.tsx';

export function JsonView() {
  const { t } = useTranslation();
  const language = currentLanguage();
  const { design } = useWorkbench();
  const document = useDesign((state) => state.document);
  const saved = useMemo(() => JSON.stringify(document, null, 2), [document]);
  const [typed, setTyped] = useState<string | null>(null);
  const text = typed ?? saved;
  const gutter = useRef<HTMLPreElement>(null);
  const decoded = useMemo(() => (typed === null ? null : decodeDocument(typed)), [typed]);
  const lines = text.split('\n').length;
  const apply = (): void => {
    if (decoded?.ok !== true) return;
    design.getState().execute({ kind: 'replace-document', document: { ...decoded.document, id: document.id } });
    setTyped(null);
  };
  const download = (): void => {
    const link = globalThis.document.createElement('a');
    link.href = URL.createObjectURL(new Blob([saved], { type: 'application/json' }));
    link.download = `${document.name.replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-+|-+$/g, '') || 'job'}.json`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1_000);
  };
  return (
    <div className="tm-json">
      <div className="tm-json-bar">
        <span className="tm-grow" />
        {typed !== null && <Button size="xs" variant="subtle" onClick={() => setTyped(null)}>{t('design.json.discard')}</Button>}
        {typed !== null && <Button size="xs" variant="filled" disabled={decoded?.ok !== true} onClick={apply}>{t('design.json.apply')}</Button>}
        <CopyButton value={text}>{({ copied, copy }) => <Button size="xs" leftSection={copied ? <IconCheck size={14} aria-hidden /> : <IconCopy size={14} aria-hidden />} onClick={copy}>{copied ? t('common.copied') : t('common.copy')}</Button>}</CopyButton>
        <Button size="xs" leftSection={<IconDownload size={14} aria-hidden />} onClick={download}>{t('design.json.download')}</Button>
      </div>
      {decoded?.ok === false && (
        <ul className="tm-findings tm-json-issues" role="alert">
          {decoded.issues.slice(0, 8).map((issue, index) => <li key={index} data-hue="red"><IconAlertCircle size={14} aria-hidden /><span>{raisedText(issue, language).message} {issue.path !== '$' && <span className="tm-mono11 tm-mute">{issue.path}</span>}</span></li>)}
        </ul>
      )}
      <div className="tm-json-text">
        <pre ref={gutter} aria-hidden className="tm-mono11">{Array.from({ length: lines }, (_, index) => index + 1).join('\n')}</pre>
        <textarea className="tm-mono" aria-label={t('design.json.label')} spellCheck={false} value={text} wrap="off" onChange={(event) => setTyped(event.currentTarget.value === saved ? null : event.currentTarget.value)}
                  onScroll={(event) => { if (gutter.current !== null) gutter.current.scrollTop = event.currentTarget.scrollTop; }}
                  onKeyDown={(event) => { if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) apply(); }} />
      </div>
    </div>
  );
}
