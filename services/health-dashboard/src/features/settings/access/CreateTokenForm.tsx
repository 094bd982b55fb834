/** Creates a token; its secret is shown once, with a button to copy it. */
import { useCreateToken } from "@/api/access/createToken";
import { Button } from "@/components/controls/Button";
import { Field } from "@/components/controls/Field";
import { Notice } from "@/components/signs/Notice";
import { NewTokenNotice } from "@/features/settings/access/NewTokenNotice";
import { ApiError } from "@/lib/http";
import { accessTexts as texts } from "@/texts/settings";
import type { Scope } from "@/types/api";
import { useRef, useState, type ReactNode, type SyntheticEvent } from "react";

const SCOPES: readonly Scope[] = ["metrics", "read", "operate", "admin"];
const EXPIRIES = ["", "30d", "90d", "1y"] as const;
const LONGEST_NAME = 64;

export function CreateTokenForm(): ReactNode {
  const create = useCreateToken();
  const nameInput = useRef<HTMLInputElement>(null);
  const [name, setName] = useState("");
  const [scope, setScope] = useState<Scope>("read");
  const [expiry, setExpiry] = useState("");
  const [nameError, setNameError] = useState<string | null>(null);
  const refuseName = (text: string) => {
    setNameError(text);
    nameInput.current?.focus();
  };
  const onSubmit = (event: SyntheticEvent) => {
    event.preventDefault();
    create.reset();
    setNameError(null);
    if (name.trim() === "") {
      refuseName(texts.nameMissing);
      return;
    }
    create.mutate(
      { name: name.trim(), scope, expires_in: expiry === "" ? null : expiry },
      {
        onSuccess: () => {
          setName("");
        },
        onError: (error) => {
          if (error instanceof ApiError && error.detail["field"] === "name") refuseName(error.message);
        },
      },
    );
  };
  return (
    <form noValidate onSubmit={onSubmit} aria-label={texts.create} className="space-y-3">
      <div className="grid gap-3 md:grid-cols-[1fr_1fr_10rem]">
        <Field label={texts.name} hint={texts.nameHint} error={nameError}>
          {(input) => (
            <input
              {...input}
              ref={nameInput}
              name="name"
              value={name}
              maxLength={LONGEST_NAME}
              autoComplete="off"
              onChange={(event) => {
                setName(event.target.value);
              }}
            />
          )}
        </Field>
        <Field label={texts.scope}>
          {(input) => (
            <select
              {...input}
              value={scope}
              onChange={(event) => {
                setScope(SCOPES.find((each) => each === event.target.value) ?? "read");
              }}
            >
              {SCOPES.map((value) => (
                <option key={value} value={value}>
                  {texts.scopes[value]}
                </option>
              ))}
            </select>
          )}
        </Field>
        <Field label={texts.expires}>
          {(input) => (
            <select
              {...input}
              value={expiry}
              onChange={(event) => {
                setExpiry(event.target.value);
              }}
            >
              {EXPIRIES.map((value) => (
                <option key={value} value={value}>
                  {texts.expiry[value]}
                </option>
              ))}
            </select>
          )}
        </Field>
      </div>
      <Button type="submit" kind="primary" isDisabled={create.isPending}>
        {texts.create}
      </Button>
      {create.isError && nameError === null && (
        <Notice tone="bad" icon="alert" role="alert">
          {create.error.message}
        </Notice>
      )}
      <div role="status">
        {create.data && (
          <NewTokenNotice
            token={create.data}
            onHide={() => {
              create.reset();
            }}
          />
        )}
      </div>
    </form>
  );
}
