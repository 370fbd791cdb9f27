/**
 * A dialog of the page: title, close, body. Mantine's own head is a `header` element, which inside `role=dialog`
 * counts as a second banner of the page; this one is not.
 */
import { Modal, type ModalRootProps } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import './dialog.css';

export interface DialogProps {
  readonly opened: boolean;
  readonly title: ReactNode;
  readonly size?: ModalRootProps['size'];
  readonly fullScreen?: boolean;
  readonly children: ReactNode;
  close(): void;
}

export function Dialog({ opened, title, size, fullScreen = false, children, close }: DialogProps) {
  const { t } = useTranslation();
  return (
    <Modal.Root opened={opened} onClose={close} centered lockScroll={false} fullScreen={fullScreen} {...(size === undefined ? {} : { size })}>
      <Modal.Overlay />
      <Modal.Content>
        <div className="tm-dialog-head">
          <Modal.Title className="tm-dialog-title">{title}</Modal.Title>
          <Modal.CloseButton aria-label={t('common.close')} />
        </div>
        <Modal.Body>{children}</Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}
