// Installs the programs that `make test-spark` needs: Java and, in data/venv, Spark and the other readers.
import { print } from '../lib/core/console.ts'
import { aptInstall, bash, has, run } from '../lib/core/shell.ts'

const VENV = 'data/venv'

if (!(await has('java'))) await install('default-jre-headless')
if (!(await has('java')))
  throw new Error('java is not on the PATH: install a Java 17 or 21 runtime, e.g. openjdk-17-jre')
if (!(await has('python3'))) throw new Error('python3 is not on the PATH: install Python 3.11 or newer')
// Debian's python3 lacks ensurepip, which venv needs to install pip.
if ((await run('python3', ['-c', 'import ensurepip'])).exitCode !== 0) await install('python3-venv')
print(`installing Spark and the other readers from PyPI into ${VENV}`)
await bash(`python3 -m venv --clear ${VENV} && ${VENV}/bin/pip install -q -r test/python/requirements.txt`)

async function install(name: string): Promise<void> {
  print(`installing ${name}`)
  await aptInstall(name)
}
