export { byId, element } from '../../browser/dom.ts'
