/**
 * Mantine drawn with our tokens: every colour that a component can take resolves to a CSS variable of tokens.css,
 * so that the two themes are switched in one place.
 * Not here: values of colours (tokens.css).
 */
import { type CSSVariablesResolver, type MantineColorsTuple, type VariantColorsResolver, createTheme, defaultVariantColorsResolver } from '@mantine/core';

type Hue = 'ink' | 'blue' | 'green' | 'amber' | 'red';
const HUES: readonly Hue[] = ['ink', 'blue', 'green', 'amber', 'red'];
const isHue = (color: unknown): color is Hue => HUES.includes(color as Hue);

/** Mantine asks for ten shades; ours are variables, so all ten are the same one. */
const tuple = (value: string): MantineColorsTuple => [value, value, value, value, value, value, value, value, value, value];

const variants: VariantColorsResolver = (input) => {
  const hue = isHue(input.color) ? input.color : 'ink';
  const text = hue === 'ink' ? 'var(--ink)' : `var(--${hue})`;
  const soft = hue === 'ink' ? 'var(--inset)' : `var(--${hue}-soft)`;
  switch (input.variant) {
    case 'filled': return hue === 'ink'
      ? { background: 'var(--primary)', hover: 'color-mix(in srgb, var(--primary) 86%, var(--bg))', color: 'var(--on-primary)', border: '1px solid var(--primary)' }
      : { background: text, hover: `color-mix(in srgb, ${text} 88%, var(--bg))`, color: 'var(--surface)', border: `1px solid ${text}` };
    case 'default': return { background: 'var(--surface)', hover: 'var(--hover)', color: text, border: '1px solid var(--line-2)' };
    case 'outline': return { background: 'transparent', hover: soft, color: text, border: `1px solid ${hue === 'ink' ? 'var(--line-2)' : `var(--${hue}-mark)`}` };
    case 'subtle': return { background: 'transparent', hover: 'var(--hover)', color: hue === 'ink' ? 'var(--ink-2)' : text, border: '1px solid transparent' };
    case 'light': return { background: soft, hover: 'var(--hover)', color: text, border: '1px solid transparent' };
    default: return defaultVariantColorsResolver(input);
  }
};

export const theme = createTheme({
  primaryColor: 'ink',
  colors: {
    ink: tuple('var(--ink)'), blue: tuple('var(--blue)'), green: tuple('var(--green)'), amber: tuple('var(--amber)'), red: tuple('var(--red)'),
  },
  variantColorResolver: variants,
  fontFamily: 'var(--sans)',
  fontFamilyMonospace: 'var(--mono)',
  fontSizes: { xs: '11px', sm: '12px', md: '13px', lg: '15px', xl: '20px' },
  lineHeights: { xs: '16px', sm: '16px', md: '20px', lg: '20px', xl: '28px' },
  spacing: { xs: '4px', sm: '8px', md: '12px', lg: '16px', xl: '24px' },
  radius: { xs: '4px', sm: '4px', md: '6px', lg: '8px', xl: '12px' },
  defaultRadius: 'md',
  shadows: { xs: 'var(--shadow-1)', sm: 'var(--shadow-2)', md: 'var(--shadow-2)', lg: 'var(--shadow-3)', xl: 'var(--shadow-3)' },
  focusRing: 'auto',
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    Button: { defaultProps: { size: 'sm', variant: 'default' } },
    ActionIcon: { defaultProps: { size: 28, variant: 'subtle', radius: 'md' } },
    TextInput: { defaultProps: { size: 'xs', radius: 'xs' } },
    NumberInput: { defaultProps: { size: 'xs', radius: 'xs' } },
    Textarea: { defaultProps: { size: 'xs', radius: 'xs' } },
    Select: { defaultProps: { size: 'xs', radius: 'xs', allowDeselect: false, comboboxProps: { shadow: 'md' } } },
    Autocomplete: { defaultProps: { size: 'xs', radius: 'xs' } },
    Checkbox: { defaultProps: { size: 'xs', radius: 'xs' } },
    Switch: { defaultProps: { size: 'xs' } },
    Tooltip: { defaultProps: { openDelay: 300, withArrow: false, radius: 'xs', multiline: false } },
    Popover: { defaultProps: { shadow: 'md', radius: 'lg', transitionProps: { duration: 120 } } },
    Menu: { defaultProps: { shadow: 'md', radius: 'lg', transitionProps: { duration: 120 } } },
    Modal: { defaultProps: { lockScroll: false, radius: 'lg', shadow: 'xl', centered: true, transitionProps: { duration: 200 } } },
  },
});

const shared = {
  '--mantine-color-body': 'var(--surface)',
  '--mantine-color-text': 'var(--ink)',
  '--mantine-color-bright': 'var(--ink)',
  '--mantine-color-dimmed': 'var(--ink-3)',
  '--mantine-color-placeholder': 'var(--ink-3)',
  '--mantine-color-anchor': 'var(--ink)',
  '--mantine-color-default': 'var(--surface)',
  '--mantine-color-default-hover': 'var(--hover)',
  '--mantine-color-default-color': 'var(--ink)',
  '--mantine-color-default-border': 'var(--line-2)',
  '--mantine-color-disabled': 'var(--inset)',
  '--mantine-color-disabled-color': 'var(--ink-3)',
  '--mantine-color-disabled-border': 'var(--line)',
  '--mantine-color-error': 'var(--red)',
  '--mantine-color-ink-filled': 'var(--primary)',
  '--mantine-color-ink-filled-hover': 'var(--primary)',
  '--mantine-color-ink-light': 'var(--inset)',
  '--mantine-color-ink-light-hover': 'var(--hover)',
  '--mantine-color-ink-light-color': 'var(--ink)',
  '--mantine-primary-color-contrast': 'var(--on-primary)',
  '--mantine-scale': '1',
};
export const cssVariables: CSSVariablesResolver = () => ({ variables: {}, light: shared, dark: shared });

/** The nonce that the server wrote into the page; in development there is no policy and any value will do. */
export const styleNonce = (): string => {
  const meta = globalThis.document?.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]');
  return meta?.nonce || meta?.getAttribute('nonce') || '';
};
