{{/* The name of everything: that of the release, with token-broker in it. */}}
{{- define "token-broker.name" -}}
{{- $name := ternary .Release.Name (printf "%s-token-broker" .Release.Name) (contains "token-broker" .Release.Name) -}}
{{- if not (regexMatch "^[a-z]" $name) -}}
{{- fail (printf "the name of the release must begin with a letter, as that of a Service must: %s" .Release.Name) -}}
{{- end -}}
{{- regexReplaceAll "-+$" (replace "." "-" $name | trunc 50) "" -}}
{{- end -}}

{{- define "token-broker.labels" -}}
app.kubernetes.io/name: token-broker
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end -}}

{{- define "token-broker.serviceAccount" -}}
{{- (.Values.serviceAccount).name | default (include "token-broker.name" .) -}}
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
{{- regexReplaceAll ":[0-9]+$" (lower $url.host) "" -}}
{{- end -}}

{{/* The addresses of the broker, as callers know them. The kubelet fills in the first, the issuer. */}}
{{- define "token-broker.addresses" -}}
{{- $host := include "token-broker.host" . -}}
{{- $all := list "$(TOKEN_BROKER_TOKEN_ISSUER)" (printf "https://%s:8443" $host) (printf "https://%s:9000" $host) -}}
{{- with (.Values.gateway).grpcHostname }}{{ $all = append $all (printf "https://%s" .) }}{{ end -}}
{{- join "," $all -}}
{{- end -}}

{{/* All hosts but those where a cloud hands out its own credentials. */}}
{{- define "token-broker.hosts" -}}
- ipBlock: {cidr: 0.0.0.0/0, except: [169.254.0.0/16, 100.100.100.200/32, 192.0.0.192/32, 168.63.129.16/32]}
- ipBlock: {cidr: "::/0", except: ["fe80::/10", "fd00:ec2::254/128", "fd20:ce::254/128"]}
{{- end -}}

{{/* The volume of {configMap: NAME} or {secret: NAME}. */}}
{{- define "token-broker.objectVolume" -}}
{{- if .secret -}}
secret: {secretName: {{ .secret | quote }}, defaultMode: 0440}
{{- else -}}
configMap: {name: {{ .configMap | quote }}, defaultMode: 0444}
{{- end -}}
{{- end -}}

{{/* The variables that the chart sets: `env` may replace the three with a condition, and no other. */}}
{{- define "token-broker.env" -}}
{{- $given := dict -}}
{{- range .Values.env }}{{ $_ := set $given (upper .name) true }}{{ end -}}
- {name: TOKEN_BROKER_FEDERATION_PATH, value: /etc/token-broker/federation}
{{- if .Values.federation.root }}
- {name: TOKEN_BROKER_FEDERATION_ROOT, value: /etc/token-broker/federation-root/federation.yaml}
{{- end }}
# The https URL at which verifiers read its keys. What brings its port 443 here is yours: src/docs/operate/container.md.
- {name: TOKEN_BROKER_TOKEN_ISSUER, value: {{ .Values.tokenIssuer | quote }}}
{{- if not (hasKey $given "TOKEN_BROKER_DPOP_BASE_URLS") }}
# Where callers reach the broker: a proof of possession (DPoP) names one of these.
- {name: TOKEN_BROKER_DPOP_BASE_URLS, value: {{ include "token-broker.addresses" . | quote }}}
{{- end }}
{{- if not (hasKey $given "TOKEN_BROKER_TOKEN_KEY_FILES") }}
# The same on all replicas, or each would publish keys that the others do not know. Rotated within the file:
# src/docs/operate/container.md.
- {name: TOKEN_BROKER_TOKEN_KEY_FILES, value: /run/token-broker/signing-keys/current.pem}
{{- end }}
- {name: QUARKUS_TLS_KEY_STORE_PEM__0__CERT, value: /run/token-broker/tls/tls.crt}
- {name: QUARKUS_TLS_KEY_STORE_PEM__0__KEY, value: /run/token-broker/tls/tls.key}
{{- if not (hasKey $given "QUARKUS_TLS_RELOAD_PERIOD") }}
- {name: QUARKUS_TLS_RELOAD_PERIOD, value: 1m}
{{- end }}
- {name: QUARKUS_HTTP_SSL_PORT, value: "8443"}
# Port 8080, HTTP without TLS, stays closed.
- {name: QUARKUS_HTTP_INSECURE_REQUESTS, value: disabled}
{{- if (.Values.store).address }}
- {name: TOKEN_BROKER_STORE_SHARED, value: "true"}
- {name: TOKEN_BROKER_STORE_KEY_FILES, value: /run/token-broker/store/store.key}
- name: STORE_PASSWORD
  valueFrom: {secretKeyRef: {name: {{ .Values.store.secret | quote }}, key: password}}
- {name: QUARKUS_REDIS_HOSTS, value: {{ printf "rediss://token-broker:$(STORE_PASSWORD)@%s" .Values.store.address | quote }}}
{{- end }}
{{- with .Values.trustedProxies }}
- {name: QUARKUS_HTTP_PROXY_PROXY_ADDRESS_FORWARDING, value: "true"}
- {name: QUARKUS_HTTP_PROXY_TRUSTED_PROXIES, value: {{ join "," . | quote }}}
{{- end }}
{{- end -}}
