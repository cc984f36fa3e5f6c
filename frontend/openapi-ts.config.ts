import { defineConfig } from '@hey-api/openapi-ts';

export default defineConfig({
  input: '../openapi.json',
  output: { path: process.env.API_TYPES_DIR ?? 'lib/api' },
  plugins: ['@hey-api/typescript'],
});
