/** A choice of one among few, as radio buttons: arrow keys move, screen readers know it. */
interface Option<T extends string> {
  id: T;
  label: string;
}

interface SegmentedProps<T extends string> {
  /** Unique on the page; names the radio group. */
  name: string;
  legend: string;
  options: ReadonlyArray<Option<T>>;
  value: T;
  onChange: (value: T) => void;
}

export function Segmented<T extends string>({ name, legend, options, value, onChange }: SegmentedProps<T>) {
  return (
    <fieldset class="segmented">
      <legend class="visually-hidden">{legend}</legend>
      {options.map(({ id, label }) => (
        <label key={id}>
          <input type="radio" name={name} value={id} checked={id === value} onChange={() => onChange(id)} />
          <span>{label}</span>
        </label>
      ))}
    </fieldset>
  );
}
