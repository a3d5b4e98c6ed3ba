/**
 * Which way imports may point.
 * protocol imports none of ours, radio imports protocol only; gateway and firmware-tools import these two, simulator protocol only;
 * inside the gateway a record flows one way: link → sync → verify → store → events → broker.
 * @type {import('dependency-cruiser').IConfiguration}
 */
module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'protocol-imports-none-of-ours',
      severity: 'error',
      from: { path: '^protocol/' },
      to: { path: '^(radio|gateway|simulator|firmware-tools|test)/' },
    },
    {
      name: 'radio-imports-protocol-only',
      severity: 'error',
      from: { path: '^radio/' },
      to: { path: '^(gateway|simulator|firmware-tools|test)/' },
    },
    {
      name: 'simulator-is-the-other-end',
      comment: 'What is tested against it must not be made of it.',
      severity: 'error',
      from: { path: '^simulator/' },
      to: { path: '^radio/' },
    },
    {
      name: 'products-import-protocol-and-radio-only',
      severity: 'error',
      from: { path: '^(gateway|simulator|firmware-tools)/' },
      to: { path: '^(gateway|simulator|firmware-tools|test)/', pathNot: '^$1/' },
    },
    {
      name: 'protocol-core-is-pure',
      comment: 'Only the serial link and the crypto that is for Node touch the platform.',
      severity: 'error',
      from: {
        path: '^protocol/src/',
        pathNot: '^protocol/src/(serial/|crypto/(node|pem)\\.ts)|/bin\\.ts$|\\.test\\.ts$',
      },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'nothing-imports-a-bin',
      severity: 'error',
      from: {},
      to: { path: '/bin\\.ts$' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: { conditionNames: ['@timeband/source', 'import', 'node', 'default'] },
  },
};
