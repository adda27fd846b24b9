type Child = Node | string | false | undefined

/** An element with attributes and children. Text stays text: nothing on this page is ever read as markup. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Readonly<Record<string, string>>,
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value)
  made.append(...children.filter(child => child !== undefined && child !== false))
  return made
}

/** The element of the page's skeleton that bears this id. */
export function byId(id: string): HTMLElement {
  return document.getElementById(id) as HTMLElement
}
