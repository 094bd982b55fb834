/** The version, and links to the API. */
import { Card } from "@/components/layout/Card";
import { CopyButton } from "@/components/controls/CopyButton";
import { FactList } from "@/components/layout/FactList";
import { Faces } from "@/components/signs/Faces";
import { SkeletonRows } from "@/components/layout/SkeletonRows";
import { generalTexts as texts } from "@/texts/settings";
import type { VersionAnswer } from "@/types/api";
import type { Loadable } from "@/types/loadable";
import { runbookUrl } from "@/utils/address/runbookUrl";
import { staleBecause } from "@/utils/time/staleBecause";
import type { ReactNode } from "react";

const SHORT = 12;
const LINKS = [
  { label: texts.openapi, path: "/api/v1/openapi.json" },
  { label: texts.metrics, path: "/metrics" },
];

export function AboutCard({ version }: { readonly version: Loadable<VersionAnswer> }): ReactNode {
  return (
    <Card title={texts.about} staleBecause={staleBecause(version)}>
      <div className="space-y-4 px-5 py-4">
        <Faces source={version} loading={<SkeletonRows rows={3} />} isEmpty={() => false} empty={{ title: texts.about, text: "" }}>
          {({ version: release, commit, api }) => (
            <FactList
              facts={[
                { name: texts.version, value: release },
                { name: texts.commit, value: commit === null ? texts.noCommit : <Commit commit={commit} /> },
                { name: texts.api, value: api },
              ]}
            />
          )}
        </Faces>
        <ul aria-label={texts.links} className="space-y-2 border-t border-line pt-3 text-sm">
          {LINKS.map(({ label, path }) => (
            <li key={path}>
              <a href={runbookUrl(path)} target="_blank" rel="noreferrer" className="text-accent underline underline-offset-2">
                {label} <span className="sr-only">{texts.opens}</span>
              </a>
            </li>
          ))}
        </ul>
      </div>
    </Card>
  );
}

function Commit({ commit }: { readonly commit: string }): ReactNode {
  return (
    <span className="inline-flex flex-wrap items-center gap-2">
      <code title={commit} className="font-mono text-xs">
        {commit.slice(0, SHORT)}
      </code>
      <CopyButton text={commit} what={texts.commit} />
    </span>
  );
}
