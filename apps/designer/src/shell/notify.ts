/** Toasts: they never take the focus; news is a status, an error an alert, and both stay while the pointer is on them. */
import { notifications } from '@mantine/notifications';
import type { ReactNode } from 'react';
import { errorText } from './states.tsx';

export function notifyNews(message: ReactNode, options: { id?: string; closeMs?: number } = {}): void {
  notifications.show({ message, role: 'status', withBorder: true, autoClose: options.closeMs ?? 5_000, ...(options.id === undefined ? {} : { id: options.id }) });
}

export function notifyError(error: unknown, title?: ReactNode): void {
  notifications.show({ message: errorText(error), role: 'alert', withBorder: true, color: 'red', autoClose: 12_000, ...(title === undefined ? {} : { title }) });
}
