/** Everything round the pages: theme, words, notifications, the last net, the session, the router. */
import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { RouterProvider } from '@tanstack/react-router';
import { I18nextProvider } from 'react-i18next';
import { i18nInstance } from './i18n/index.ts';
import { router } from './router.tsx';
import { ErrorBoundary } from './shell/states.tsx';
import { TokenGate } from './shell/token-gate.tsx';
import { cssVariables, styleNonce, theme } from './theme/mantine.ts';

export function App() {
  return (
    <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto" getStyleNonce={styleNonce}>
      <I18nextProvider i18n={i18nInstance}>
        <Notifications position="bottom-center" limit={4} zIndex={500} />
        <ErrorBoundary>
          <TokenGate><RouterProvider router={router} /></TokenGate>
        </ErrorBoundary>
      </I18nextProvider>
    </MantineProvider>
  );
}
