/** Formats a time for an input of type `datetime-local`: `2026-11-24T14:05`, in the viewer's time zone. */
export function toLocalInput(ms: number): string {
  const time = new Date(ms);
  const two = (number: number) => String(number).padStart(2, "0");
  const day = `${String(time.getFullYear()).padStart(4, "0")}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  return `${day}T${two(time.getHours())}:${two(time.getMinutes())}`;
}
