/** Opens the session before any page asks for data; without one it asks for the token and says where to find it. */
import { Button, TextInput } from '@mantine/core';
import { type ReactNode, useCallback, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { onSessionLost } from '../api/client.ts';
import { ApiError } from '../api/problem.ts';
import { type SessionState, openSession, tradeToken } from '../api/session.ts';
import { Loading, LoadError } from './states.tsx';

export function TokenGate({ children }: { children: ReactNode }) {
  const [state, setState] = useState<SessionState | 'asking'>('asking');
  const ask = useCallback(() => { setState('asking'); void openSession().then(setState); }, []);
  useEffect(() => { onSessionLost(() => setState('needs-token')); ask(); }, [ask]);
  if (state === 'open') return children;
  if (state === 'asking') return <Loading />;
  if (state === 'unreachable') return <LoadError error={new ApiError('network', '')} retry={ask} />;
  return <TokenForm wrong={state === 'wrong-token'} submit={(token) => void tradeToken(token).then(setState)} />;
}

function TokenForm({ wrong, submit }: { wrong: boolean; submit: (token: string) => void }) {
  const { t } = useTranslation();
  const [token, setToken] = useState('');
  return (
    <main className="tm-center">
      <div className="tm-token">
        <h1 className="tm-empty-title">{t('common.token.title')}</h1>
        <p className="tm-dim">{t('common.token.detail')}</p>
        <form onSubmit={(event) => { event.preventDefault(); if (token.trim() !== '') submit(token); }}>
          <TextInput label={t('common.token.label')} value={token} autoFocus autoComplete="off" spellCheck={false} size="sm"
                     error={wrong ? t('common.token.wrong') : undefined} onChange={(event) => setToken(event.currentTarget.value)} />
          <Button type="submit" variant="filled">{t('common.token.open')}</Button>
        </form>
        <p className="tm-mute tm-t12">{t('common.token.where')}</p>
      </div>
    </main>
  );
}
