import next from 'eslint-config-next/core-web-vitals';
import typescript from 'eslint-config-next/typescript';

const config = [
  { ignores: ['.next/**', 'out/**', 'next-env.d.ts', 'lib/api/**'] },
  ...next,
  ...typescript,
  {
    rules: {
      'max-lines': ['error', { max: 250 }],
      complexity: ['error', 12],
      eqeqeq: 'error',
      'no-console': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
    },
  },
];

export default config;
