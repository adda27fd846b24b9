import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SUPERNOVA } from '../../lib/synthetic/supernova.ts'
import { BareSystem, NO_BARE_SYSTEM } from '../support/bare-system.ts'

/** Debian's releases, and whether their Node.js is too old. */
const SUITES = { bookworm: true, trixie: false }
const CLONES = { root: '/opt/ztf-lake', ann: '/home/ann/ztf-lake' }
const PAGE = `demo/data/look/${SUPERNOVA.objectId}.html`
/** Number of alerts in the nights of scripts/demo.ts. */
const ALERTS = 314

for (const [suite, hasOldNode] of Object.entries(SUITES))
  test(`Debian ${suite} with git, make, nodejs and npm`, { skip: NO_BARE_SYSTEM }, async t => {
    const system = await BareSystem.open(t, suite)
    const ann = { user: 'ann' } as const

    for (const user of ['root', 'ann'] as const)
      await t.test(`${user} clones the project and runs make demo`, async t => {
        // A file changed by the demo is newer than this one, also if the clock of the disk is coarse.
        await system.succeed('! command -v aria2c && touch /srv/started && sleep 1')
        const start = performance.now()
        const { out, err } = await system.succeed(`${clone(CLONES[user])} && make demo`, { user })
        t.diagnostic(`${suite}, ${user}: from git clone to the end of make demo ${seconds(start)} s`)
        assert.match(out, /^aria2c is not on the PATH: using aria2c \S+ of the npm package \S+$/m)
        const installsNode = /^v18\S+ of Node\.js is too old: installing \S+ in node_modules\/\.node$/m
        assert.equal(installsNode.test(err), hasOldNode, err)
        const query = "make sql DATA=demo/data FORMAT=csv Q='select count(*) as n from alerts'"
        const page = `grep -c '<svg' ${PAGE}`
        const answers = await system.succeed(`cd ${CLONES[user]} && ${query} && ${page} > /dev/null`, { user })
        assert.deepEqual([answers.out, answers.err], [`n\n${ALERTS}\n`, ''])
        if (user === 'ann') assert.equal(await changedOutside(system, [CLONES.ann, '/home/ann/.npm', '/tmp']), '')
      })

    await t.test('without network, make says why in one sentence, and works with a copy of node_modules', async () => {
      const offline = { ...ann, network: false }
      const env = 'export npm_config_cache=$HOME/no-cache'
      const { status, out, err } = await system.run(`${env}; ${clone('offline')} && make demo`, offline)
      assert.deepEqual([status, out], [2, ''])
      assert.match(
        err,
        /^[^\n]*installing [^\n]*\nerror: npm cannot install the packages: [^\n]* EAI_AGAIN [^\n]*: if [^\n]*\nmake: [^\n]*\n$/,
      )
      const copy = `cp -a ${CLONES.ann}/node_modules .`
      assert.equal((await system.succeed(`cd offline && ${copy} && make status`, offline)).err, '')
    })

    await t.test("in another user's clone, make names what helps, and works in folders of one's own", async () => {
      const make = (target: string) => system.run(`cd ${CLONES.root} && make ${target}`, ann)
      const demo = await make('demo')
      assert.match(demo.err, /^error: no permission to write to \/opt\/ztf-lake, [^\n]* in a clone of your own\n/)
      assert.match(
        (await make('uris')).err,
        /^error: no permission [^\n]* set DATA= and URIS= to folders of your own, /,
      )
      const own = await make('status DATA=/home/ann/data URIS=/home/ann/uris')
      assert.deepEqual([own.status, own.err], [0, ''])
    })

    for (const user of process.env.BARE_UNIT_TESTS === 'yes' ? (['root', 'ann'] as const) : [])
      await t.test(`${user} runs make test`, async t => {
        const start = performance.now()
        const { status, out, err } = await system.run(`cd ${CLONES[user]} && make test`, { user })
        const counts = [...out.matchAll(/^[#ℹ] ((?:tests|pass|fail|skipped) \d+)$/gm)].map(([, count]) => count)
        t.diagnostic(`${suite}, ${user}: make test took ${seconds(start)} s: ${counts.join(', ')}`)
        assert.equal(status, 0, out.slice(-10_000) + err)
      })
  })

function clone(folder: string): string {
  return `git -c init.defaultBranch=main -c advice.detachedHead=false clone -q /srv/ztf-lake.bundle ${folder} && cd ${folder}`
}

/** Files outside of these folders that have changed since the demo started, one per line. */
async function changedOutside(system: BareSystem, folders: readonly string[]): Promise<string> {
  const outside = folders.map(folder => `! -path '${folder}/*'`).join(' ')
  return (await system.succeed(`find / -xdev -cnewer /srv/started ! -type d ${outside}`)).out
}

function seconds(start: number): string {
  return ((performance.now() - start) / 1000).toFixed(0)
}
