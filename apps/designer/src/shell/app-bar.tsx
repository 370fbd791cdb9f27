/**
 * The bar on top of every page: brand, where you are, state, tabs of a project, actions, language and theme.
 * Shows what it is given; pages fill its slots.
 */
import { ActionIcon, Menu, useMantineColorScheme } from '@mantine/core';
import { IconCheck, IconDeviceDesktop, IconLanguage, IconMoon, IconSun } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { LANGUAGES, chooseLanguage, currentLanguage } from '../i18n/index.ts';
import './app-bar.css';

export interface AppBarProps {
  /** Name of the project or page, beside the breadcrumb. A page's one h1. */
  readonly title?: ReactNode;
  /** State after the title: saved, running, … */
  readonly status?: ReactNode;
  /** Undo and redo, or nothing. */
  readonly history?: ReactNode;
  /** Tabs of a project; absent on /jobs. */
  readonly project?: { readonly id: string; readonly page: 'design' | 'live'; readonly job?: string | undefined };
  readonly actions?: ReactNode;
}

export function AppBar({ title, status, history, project, actions }: AppBarProps) {
  const { t } = useTranslation();
  const jobSearch = project?.job === undefined ? {} : { job: project.job };
  return (
    <header className="tm-bar">
      <a className="tm-skip" href="#main">{t('common.skipToContent')}</a>
      <nav className="tm-bar-crumb" aria-label={t('common.nav.main')}>
        <Link to="/jobs" className="tm-brand" aria-label={`${t('common.brand')}: ${t('common.nav.jobs')}`}>
          <BrandMark />
          {project === undefined && <span>{t('common.brand')}</span>}
        </Link>
        {project !== undefined && <>
          <Link to="/jobs" className="tm-bar-jobs">{t('common.nav.jobs')}</Link>
          <span className="tm-mute" aria-hidden>/</span>
        </>}
      </nav>
      {title !== undefined && <h1 className="tm-bar-title tm-clip">{title}</h1>}
      {status}
      {history !== undefined && <><span className="tm-bar-sep" aria-hidden />{history}</>}
      {project !== undefined
        ? <nav className="tm-tabs tm-bar-tabs" aria-label={t('common.nav.pages')}>
            <Link to="/projects/$projectId/design" params={{ projectId: project.id }} search={jobSearch} aria-current={project.page === 'design' ? 'page' : undefined}>{t('common.nav.design')}</Link>
            <Link to="/projects/$projectId/live" params={{ projectId: project.id }} search={jobSearch} aria-current={project.page === 'live' ? 'page' : undefined}>{t('common.nav.live')}</Link>
          </nav>
        : <span className="tm-grow" />}
      <div className="tm-bar-actions">
        {actions}
        <span className="tm-bar-sep" aria-hidden />
        <LanguageSwitch />
        <ThemeSwitch />
      </div>
    </header>
  );
}

function BrandMark() {
  return (
    <svg width="24" height="24" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <rect width="24" height="24" rx="6" fill="var(--primary)" />
      <g fill="none" stroke="var(--on-primary)" strokeWidth="1.8" strokeLinecap="round">
        <path d="M5.5 8.2h13" /><path d="M5.5 12.4c2.2-1.7 4.3-1.7 6.5 0s4.3 1.7 6.5 0" /><path d="M5.5 16.4c2.2-1.7 4.3-1.7 6.5 0s4.3 1.7 6.5 0" />
      </g>
    </svg>
  );
}

function LanguageSwitch() {
  const { t } = useTranslation();
  const language = currentLanguage();
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon aria-label={`${t('common.language.switch')}: ${t(`common.language.${language}`)}`}><IconLanguage size={16} stroke={1.6} /></ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {LANGUAGES.map((choice) => (
          <Menu.Item key={choice} lang={choice === 'zh' ? 'zh-CN' : 'en'} leftSection={choice === language ? <IconCheck size={14} /> : <span className="tm-menu-gap" />}
                     onClick={() => void chooseLanguage(choice)}>{t(`common.language.${choice}`)}</Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function ThemeSwitch() {
  const { t } = useTranslation();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const Icon = colorScheme === 'light' ? IconSun : colorScheme === 'dark' ? IconMoon : IconDeviceDesktop;
  const choices = [['light', IconSun], ['dark', IconMoon], ['auto', IconDeviceDesktop]] as const;
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon aria-label={`${t('common.theme.switch')}: ${t(`common.theme.${colorScheme}`)}`}><Icon size={16} stroke={1.6} /></ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {choices.map(([choice, ChoiceIcon]) => (
          <Menu.Item key={choice} leftSection={<ChoiceIcon size={14} />} rightSection={choice === colorScheme ? <IconCheck size={14} /> : undefined}
                     onClick={() => setColorScheme(choice)}>{t(`common.theme.${choice}`)}</Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
