// libpq's variables: those that are read, and those of which something cannot be honoured, with what to write in its place. The
// same holds for the parameters of a URL. https://www.postgresql.org/docs/current/libpq-envars.html

import { sslModes, sslNegotiations, targetSessions } from '../endpoint.ts'
import type { Variable } from './variable.ts'

const text = { type: 'string', form: 'any text' } as const

// 1 to 65535.
const port = '([1-9]\\d{0,3}|[1-5]\\d{4}|6[0-4]\\d{3}|65[0-4]\\d{2}|655[0-2]\\d|6553[0-5])'

/** For what cannot be honoured at all. */
const never = { type: 'string', pattern: '(?!)', form: 'not set' } as const

export const pgVariables = {
  PGHOST: { ...text, description: 'libpq: host, used when no URL is set', form: 'a host name' },
  PGHOSTADDR: {
    type: 'string',
    pattern: '^[0-9a-fA-F.:]+(,[0-9a-fA-F.:]+)*$',
    description: 'libpq: address of the host, when no URL and no PGHOST is set',
    form: 'an IP address',
  },
  PGPORT: {
    type: 'string',
    pattern: `^${port}(,${port})*$`,
    description: 'libpq: port',
    form: 'a port number, such as 5432',
  },
  PGUSER: { ...text, description: 'libpq: user' },
  PGPASSWORD: { ...text, description: 'libpq: password', secret: true },
  PGDATABASE: { ...text, description: 'libpq: database' },
  PGOPTIONS: {
    ...text,
    description: 'libpq: settings that the session starts with, when the URL has no options',
    form: 'options of a server process, such as -c search_path=app',
  },
  PGTZ: { ...text, description: 'libpq: TimeZone of the session', form: 'a time zone' },
  PGDATESTYLE: { ...text, description: 'libpq: DateStyle of the session', form: 'a date style' },
  PGGEQO: { ...text, description: 'libpq: geqo of the session', form: 'on or off' },
  PGCLIENTENCODING: {
    type: 'string',
    pattern: '^([Uu][Tt][Ff]-?8|[Uu][Nn][Ii][Cc][Oo][Dd][Ee]|auto)$',
    form: 'UTF8',
    description: 'libpq: encoding of what is sent; files are UTF-8',
    cure: 'Unset it, or make it UTF8: migration files are UTF-8, and the server converts them into the encoding of the database.',
  },
  PGSSLMODE: {
    type: 'string',
    enum: sslModes,
    form: 'disable, allow, prefer, require, verify-ca or verify-full',
    description: 'libpq: TLS, when the URL does not say',
  },
  PGREQUIRESSL: {
    type: 'string',
    enum: ['0'],
    form: '0',
    description: 'libpq: older than PGSSLMODE',
    cure: 'Write sslmode=require (PGSSLMODE) in its place.',
  },
  PGSSLNEGOTIATION: {
    type: 'string',
    enum: sslNegotiations,
    form: 'postgres, or direct with an sslmode of require or stronger',
    description: 'libpq: ask for TLS or begin with it, when the URL does not say',
  },
  PGSSLROOTCERT: {
    ...text,
    description: 'libpq: file with the root certificates',
    form: 'the path of a PEM file',
  },
  PGSSLCERT: {
    ...text,
    description: 'libpq: file with our own certificate, for a server that asks for one',
    form: 'the path of a PEM file',
  },
  PGSSLKEY: {
    ...text,
    description: 'libpq: file with the key of PGSSLCERT',
    form: 'the path of a PEM file',
  },
  PGSSLCERTMODE: {
    type: 'string',
    enum: ['allow'],
    form: 'allow',
    description: 'libpq: is our own certificate sent?',
    cure: 'Unset it: the certificate that sslcert (PGSSLCERT) names is sent to a server that asks for one; leave that out to send none.',
  },
  PGSSLCRL: {
    ...never,
    description: 'libpq: revoked certificates, which are not read',
    cure: 'Unset it: lists of revoked certificates are not read. Name only authorities that you trust now in sslrootcert (PGSSLROOTCERT).',
  },
  PGSSLCRLDIR: {
    ...never,
    description: 'libpq: revoked certificates, which are not read',
    cure: 'Unset it: lists of revoked certificates are not read. Name only authorities that you trust now in sslrootcert (PGSSLROOTCERT).',
  },
  PGSSLSNI: {
    type: 'string',
    enum: ['1'],
    form: '1',
    description: 'libpq: name the host when TLS begins, which is always done',
    cure: 'Unset it: the name of the host is always sent. Where it must not be, give the address of the host.',
  },
  PGSSLMINPROTOCOLVERSION: {
    type: 'string',
    enum: ['TLSv1', 'TLSv1.1', 'TLSv1.2'],
    form: 'TLSv1.2 or older',
    description: 'libpq: oldest TLS, which is TLSv1.2 here',
    cure: 'Unset it, and ask for it where the server is configured: ssl_min_protocol_version = TLSv1.3.',
  },
  PGSSLMAXPROTOCOLVERSION: {
    type: 'string',
    enum: ['TLSv1.3'],
    form: 'TLSv1.3',
    description: 'libpq: newest TLS, which is TLSv1.3 here',
    cure: 'Unset it, and ask for it where the server is configured: ssl_max_protocol_version.',
  },
  PGPASSFILE: {
    ...text,
    description: 'libpq: password file; ~/.pgpass when not set',
    form: 'the path of a file that only its owner may read',
  },
  PGREQUIREAUTH: {
    ...never,
    description: 'libpq: login methods, of which the server chooses',
    cure: 'Unset it: the server chooses the login method (pg_hba.conf). To be sure of the server, use sslmode=verify-full.',
  },
  PGCHANNELBINDING: {
    type: 'string',
    enum: ['disable', 'prefer'],
    form: 'disable or prefer',
    description: 'libpq: bind the login to TLS, which is never done',
    cure: "Write prefer in place of require: the login cannot be bound to TLS here. With sslmode=verify-full&sslrootcert=system (or a file that has the server's authority) the certificate proves the server, which is what channel binding is for.",
  },
  PGREQUIREPEER: {
    ...never,
    description: 'libpq: whose process the server on a socket must be',
    cure: 'Unset it: whose process listens on a socket is not looked at. To be sure of the server, use a host name with sslmode=verify-full.',
  },
  PGGSSENCMODE: {
    type: 'string',
    enum: ['disable', 'prefer'],
    form: 'disable or prefer',
    description: 'libpq: GSSAPI encryption, which is never used',
    cure: 'Write disable in place of require, and use TLS: sslmode=verify-full.',
  },
  PGSERVICE: {
    ...never,
    description: 'libpq: a section of pg_service.conf, which is not read',
    cure: 'Unset it, and give what that section of pg_service.conf says as DATABASE_URL, or as PGHOST, PGPORT, PGUSER and PGDATABASE.',
  },
  PGTARGETSESSIONATTRS: {
    type: 'string',
    enum: targetSessions,
    form: 'any, read-write, read-only, primary, standby or prefer-standby',
    description: 'libpq: which of several hosts will do, when the URL does not say',
  },
  PGMINPROTOCOLVERSION: {
    type: 'string',
    enum: ['3.0'],
    form: '3.0',
    description: 'libpq: oldest protocol, which is 3.0 here',
    cure: 'Unset it: protocol 3.0 is spoken, which every server knows.',
  },
} as const satisfies Readonly<Record<string, Variable>>

/** libpq's others, which change nothing here. */
export const ignoredPgVariables: readonly string[] = [
  'PGAPPNAME',
  'PGCONNECT_TIMEOUT',
  'PGGSSDELEGATION',
  'PGGSSLIB',
  'PGKRBSRVNAME',
  'PGLOADBALANCEHOSTS',
  'PGLOCALEDIR',
  'PGMAXPROTOCOLVERSION',
  'PGSERVICEFILE',
  'PGSSLCOMPRESSION',
  'PGSYSCONFDIR',
]

/** Parameters of a URL of which something cannot be honoured, by the variable that says what. */
export const strictParameters: Readonly<Record<string, keyof typeof pgVariables>> = {
  channel_binding: 'PGCHANNELBINDING',
  client_encoding: 'PGCLIENTENCODING',
  gssencmode: 'PGGSSENCMODE',
  min_protocol_version: 'PGMINPROTOCOLVERSION',
  require_auth: 'PGREQUIREAUTH',
  requirepeer: 'PGREQUIREPEER',
  requiressl: 'PGREQUIRESSL',
  service: 'PGSERVICE',
  ssl_max_protocol_version: 'PGSSLMAXPROTOCOLVERSION',
  ssl_min_protocol_version: 'PGSSLMINPROTOCOLVERSION',
  sslcertmode: 'PGSSLCERTMODE',
  sslcrl: 'PGSSLCRL',
  sslcrldir: 'PGSSLCRLDIR',
  sslmode: 'PGSSLMODE',
  sslnegotiation: 'PGSSLNEGOTIATION',
  sslsni: 'PGSSLSNI',
  target_session_attrs: 'PGTARGETSESSIONATTRS',
}

/** What is wrong with a value of it, by its pattern or list. */
export const isOfForm = ({ pattern, enum: known }: Variable, value: string): boolean =>
  (pattern === undefined || new RegExp(pattern).test(value)) &&
  (known === undefined || known.includes(value))
