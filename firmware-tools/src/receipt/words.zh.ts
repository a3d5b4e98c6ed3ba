import type { Words } from './language.js';

export const chinese: Words = {
  good: '凭证有效。',
  refused: '请勿相信此凭证。',
  reasons: {
    'not-a-receipt': '这不是凭证，或内容不完整。请复制全部文字，或重新扫码。',
    'wrong-place': '凭证各部分对不上：证明属于另一条记录。请向服务站重新索取。',
    changed: '凭证被改动过，或并非服务站签发：签名与内容不符。请向服务站重新索取。',
    'other-issuer': '签发者不是您信任的站点。请确认签发者证书是否正确，并向服务站索取其证书。',
    'other-site': '凭证来自另一个站点，与您提供的证书不符。',
    'not-a-gateway': '签名者不是网关，只有网关才能签发凭证。',
    expired: '签名时间不在网关证书的有效期内。请重新索取凭证。',
    revoked: '签名所用的密钥已丢失或被盗，任何人都可能伪造此凭证。请联系服务站。',
    'bad-certificate': '凭证内的证书已损坏或系伪造。请向服务站重新索取。',
  },
  labels: {
    ...{ who: '手环', what: '事项', where: '地点', when: '时间', service: '服务' },
    ...{ minutes: '时长', evidence: '证据', place: '日志位置', signer: '签发' },
  },
  values: {
    where: ({ site, device }) => `站点 ${site}，设备 ${device}`,
    what: ({ type, direction }) =>
      direction === 'in' ? '签到' : direction === 'out' ? '签退' : `${type} 类记录`,
    until: (latest) => `不晚于 ${latest}`,
    service: (number) => `服务目录第 ${number} 号`,
    minutes: (minutes) => `${minutes} 分钟`,
    evidence: {
      0: '弱：仅有标签号码，可被复制',
      1: '良：标签已证明自己是原件',
      2: '强：手环用自己的密钥作答',
    },
    vouched: '（仅网关能够核实，由网关担保）',
    place: ({ position, head }, signed) => `第 ${position.seq} 条（共 ${head.size} 条），${signed} 签名`,
  },
};
