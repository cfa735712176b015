{{/* The name of everything: that of the release, with token-broker in it. */}}
{{- define "token-broker.name" -}}
{{- $name := ternary .Release.Name (printf "%s-token-broker" .Release.Name) (contains "token-broker" .Release.Name) -}}
{{- $name | trunc 50 | trimSuffix "-" -}}
{{- end -}}

{{- define "token-broker.labels" -}}
app.kubernetes.io/name: token-broker
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end -}}

{{- define "token-broker.serviceAccount" -}}
{{- .Values.serviceAccount.name | default (include "token-broker.name" .) -}}
{{- end -}}

{{/* The name by which the cluster calls the broker; its certificate must have it. */}}
{{- define "token-broker.host" -}}
{{- include "token-broker.name" . }}.{{ .Release.Namespace }}.svc
{{- end -}}

{{/* The host of the token issuer. An Ingress or a Gateway serves the broker at the root of this host. */}}
{{- define "token-broker.issuerHost" -}}
{{- $url := urlParse .Values.tokenIssuer -}}
{{- if and (or .Values.ingress .Values.gateway) (not (has $url.path (list "" "/"))) -}}
{{- fail "tokenIssuer must have no path where ingress or gateway is set: they serve the broker at the root of the host" -}}
{{- end -}}
{{- regexReplaceAll ":[0-9]+$" $url.host "" -}}
{{- end -}}
