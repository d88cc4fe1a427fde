// The SQLSTATEs that mean something to us, each once, by PostgreSQL's own names of them. Server errors are recognised by code, never
// by text, which the server translates. https://www.postgresql.org/docs/current/errcodes-appendix.html

export const featureNotSupported = '0A000'
export const characterNotInRepertoire = '22021'
export const untranslatableCharacter = '22P05'
export const invalidTextRepresentation = '22P02'
export const notNullViolation = '23502'
export const foreignKeyViolation = '23503'
export const uniqueViolation = '23505'
export const checkViolation = '23514'
export const exclusionViolation = '23P01'
export const activeSqlTransaction = '25001'
export const readOnlySqlTransaction = '25006'
export const noActiveSqlTransaction = '25P01'
export const inFailedSqlTransaction = '25P02'
const idleInTransactionSessionTimeout = '25P03'
const transactionTimeout = '25P04'
export const invalidAuthorizationSpecification = '28000'
export const invalidPassword = '28P01'
const invalidTransactionTermination = '2D000'
export const invalidCatalogName = '3D000'
export const invalidSchemaName = '3F000'
const serializationFailure = '40001'
export const deadlockDetected = '40P01'
export const insufficientPrivilege = '42501'
export const syntaxError = '42601'
export const duplicateColumn = '42701'
export const undefinedColumn = '42703'
export const undefinedObject = '42704'
export const duplicateObject = '42710'
export const duplicateFunction = '42723'
export const wrongObjectType = '42809'
export const undefinedFunction = '42883'
export const undefinedTable = '42P01'
export const duplicateDatabase = '42P04'
export const duplicateSchema = '42P06'
export const duplicateTable = '42P07'
const invalidFunctionDefinition = '42P13'
const invalidTableDefinition = '42P16'
export const dependentObjectsStillExist = '2BP01'
export const diskFull = '53100'
export const outOfMemory = '53200'
const tooManyConnections = '53300'
export const objectNotInPrerequisiteState = '55000'
export const objectInUse = '55006'
export const lockNotAvailable = '55P03'
export const unsafeNewEnumValueUsage = '55P04'
export const queryCanceled = '57014'
const adminShutdown = '57P01'
const crashShutdown = '57P02'
const cannotConnectNow = '57P03'
export const systemError = '58000'
export const ioError = '58030'
export const undefinedFile = '58P01'
export const noDataFound = 'P0002'
export const tooManyRows = 'P0003'
const internalError = 'XX000'

/** Every class of resources that the server has run out of. */
export const insufficientResources = '53'

const sets = {
  // The server is there and will have us later.
  startingUp: [cannotConnectNow, tooManyConnections],
  sessionEnded: [adminShutdown, crashShutdown, idleInTransactionSessionTimeout, transactionTimeout],
  lockFailure: [lockNotAvailable, deadlockDetected, serializationFailure],
  missingTable: [undefinedTable, invalidSchemaName],
  undefinedObject: [
    undefinedTable,
    undefinedColumn,
    undefinedFunction,
    undefinedObject,
    invalidSchemaName,
  ],
  // The last one is that of the catalog, by who creates the same in the same moment.
  concurrentlyCreated: [duplicateSchema, duplicateTable, duplicateObject, uniqueViolation],
  // Of a statement that is not for a transaction, in ways that its text does not show: a procedure that commits.
  refusesTransaction: [activeSqlTransaction, invalidTransactionTermination],
  // Of CREATE OR REPLACE: a column or a return type is another one.
  irreplaceable: [invalidTableDefinition, invalidFunctionDefinition],
  // What the database's encoding has no character for.
  encoding: [untranslatableCharacter, characterNotInRepertoire],
} as const

// Classes: transaction_rollback, insufficient_resources, object_not_in_prerequisite_state, operator_intervention,
// system_error: what passes by itself, or when somebody else has finished.
const passing = ['40', insufficientResources, '55', '57', '58']

export const isCondition = (sqlstate: string, meaning: keyof typeof sets | 'passing'): boolean =>
  meaning === 'passing'
    ? passing.includes(sqlstate.slice(0, 2))
    : (sets[meaning] as readonly string[]).includes(sqlstate)

/** The classes of `passing`, and that of internal errors, as a list of SQL. */
export const passingInSql = [...passing, internalError.slice(0, 2)]
  .map((each) => `'${each}'`)
  .join(', ')

/** Two sessions changed the same row: of a table, or (an internal error) of the catalog. */
export const isRowCollision = (sqlstate: string): boolean =>
  sqlstate === serializationFailure || sqlstate === internalError

/**
 * Another session was in the way, and will be gone. Two that change the same row of the catalog (GRANT, ALTER ROLE, CREATE OR
 * REPLACE) meet in an internal error, which has no code of its own; its words the server does not translate.
 */
export const isCollision = ({ sqlstate, message }: Reported): boolean =>
  isCondition(sqlstate, 'lockFailure') ||
  (sqlstate === internalError && /^tuple concurrently (?:updated|deleted)$/.test(message))

type Reported = { readonly sqlstate: string; readonly message: string }
