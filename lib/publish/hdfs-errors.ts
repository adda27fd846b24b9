import { TransientError } from '../core/retry.ts'
import { TargetUnusable } from './target.ts'

/** Error of a WebHDFS server. */
export interface RemoteException {
  readonly exception?: string
  readonly message?: string
}

const MORE_SPACE = 'free some space, or ask for more, then run this again'
/** HDFS has no free block anywhere, or too few data nodes for a file's first copy. */
const NO_SPACE = /could only be (written|replicated) to 0|No space left|out of space/i
const NO_DATA_NODE = /There are 0 datanode\(s\) running/
/** Also the error of a data node whose disk has become full. */
const ALL_BAD = /All datanodes .* are bad/
/** Errors of a rename that would replace a folder with files, or a folder by a file. */
const IN_THE_WAY = /directory is not empty|must both be directories/
const DENIED = /AccessControl|Security|Authorization|Authentication/
/** HDFS wraps most failures of its own nodes in an IOException. */
const TRANSIENT =
  /^(IO|Remote|Retriable|SafeMode|RecoveryInProgress|NotReplicatedYet|AlreadyBeingCreated|LeaseExpired|\w*Connect|\w*Timeout|NoRouteToHost|Socket)Exception$/

/**
 * Creates the error for an answer of WebHDFS.
 * @param authenticate the header that says how to authenticate
 */
export function hdfsError(address: string, status: number, error?: RemoteException, authenticate = ''): Error {
  const { exception = '', message = '' } = error ?? {}
  const reason = message.split('\n')[0]?.trim() || exception
  const text = `${exception}: ${message}`
  if (/Negotiate/i.test(authenticate))
    return new TargetUnusable(
      `${address} requires Kerberos, which is not supported: publish to a folder, and copy it with hdfs dfs -put`,
    )
  if (DENIED.test(exception) || (!error && (status === 401 || status === 403)))
    return new TargetUnusable(
      `${address} denies access (${reason || status}): set HADOOP_USER_NAME to a user who may write there`,
    )
  if (/Quota/.test(exception))
    return new TargetUnusable(`the quota of ${address} is used up (${reason}): ${MORE_SPACE}`)
  if (NO_DATA_NODE.test(text)) return new TransientError(`HDFS at ${address} has no data nodes at the moment`)
  if (NO_SPACE.test(text))
    return new TargetUnusable(`HDFS at ${address} is full, or has too few data nodes (${reason}): ${MORE_SPACE}`)
  if (ALL_BAD.test(message))
    return new TransientError(`the data nodes of ${address} have failed during a write, perhaps because they are full`)
  if (/Standby/.test(exception))
    return new TransientError(
      `the server of ${address} is a standby name node (ENDPOINT= sets the active one's address)`,
    )
  if (/SafeMode/.test(text)) return new TransientError(`HDFS at ${address} is in safe mode`)
  // Gateways answer 408 and 429.
  if ((status >= 500 && status !== 501) || status === 429 || status === 408)
    return new TransientError(`HDFS at ${address} reports an error (${reason || status})`)
  if (TRANSIENT.test(exception) && !IN_THE_WAY.test(message))
    return new TransientError(`HDFS at ${address} reports an error (${reason})`)
  if (!exception)
    return new TargetUnusable(
      `the server of ${address} does not speak WebHDFS (${reason || `status ${status}`}): ` +
        'set ENDPOINT= to the address of the name node, such as http://namenode:9870',
    )
  return new Error(`HDFS at ${address} refuses a request (${exception}, ${status}): ${reason}`)
}
