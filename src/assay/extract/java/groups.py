"""Group ids of artifacts whose archives do not state them: projects that build with Ant, Gradle or Bnd.

Facts from Maven Central (https://central.sonatype.com). Only artifacts whose name belongs to one project are listed;
a name with a star stands for all artifacts that begin so. Old releases under another group are in ``_MOVED``.
"""

from collections.abc import Mapping
from functools import cache

_GROUPS = """
ch.qos.logback: logback-*
com.amazonaws: aws-java-sdk aws-java-sdk-*
com.auth0: java-jwt jwks-rsa
com.fasterxml.jackson.core: jackson-annotations jackson-core jackson-databind
com.fasterxml.jackson.dataformat: jackson-dataformat-*
com.fasterxml.jackson.datatype: jackson-datatype-*
com.fasterxml.jackson.module: jackson-module-*
com.fasterxml.woodstox: woodstox-core
com.github.ben-manes.caffeine: caffeine
com.github.spotbugs: spotbugs spotbugs-annotations
com.google.code.findbugs: findbugs findbugs-annotations jsr305
com.google.code.gson: gson
com.google.crypto.tink: tink
com.google.guava: failureaccess guava guava-* listenablefuture
com.google.protobuf: protobuf-java protobuf-java-util protobuf-javalite protobuf-lite
com.google.re2j: re2j
com.h2database: h2
com.hazelcast: hazelcast hazelcast-*
com.jayway.jsonpath: json-path
com.jcraft: jsch jzlib
com.mchange: c3p0 mchange-commons-java
com.microsoft.sqlserver: mssql-jdbc
com.mysql: mysql-connector-j
com.nimbusds: nimbus-jose-jwt oauth2-oidc-sdk
com.oracle.database.jdbc: ojdbc10 ojdbc11 ojdbc8
com.squareup.moshi: moshi moshi-*
com.squareup.okhttp: logging-interceptor mockwebserver okhttp okhttp-*
com.squareup.okio: okio okio-*
com.squareup.retrofit: retrofit
com.thoughtworks.xstream: xstream xstream-*
com.typesafe.akka: akka-*
com.typesafe.play: play_2.11 play_2.12 play_2.13
com.unboundid: unboundid-ldapsdk
com.zaxxer: HikariCP
dom4j: dom4j
asm: asm asm-all asm-analysis asm-commons asm-tree asm-util asm-xml
hsqldb: hsqldb
info.picocli: picocli picocli-*
io.grpc: grpc-*
io.jsonwebtoken: jjwt jjwt-*
io.lettuce: lettuce-core
io.micrometer: micrometer-*
io.netty: netty netty-*
io.opentelemetry: opentelemetry-*
io.opentelemetry.instrumentation: opentelemetry-instrumentation-*
io.opentelemetry.javaagent: opentelemetry-javaagent opentelemetry-javaagent-*
io.opentelemetry.semconv: opentelemetry-semconv
io.projectreactor: reactor-core reactor-test
io.projectreactor.netty: reactor-netty reactor-netty-*
io.quarkus: quarkus-*
io.reactivex: rxjava
io.undertow: undertow-*
io.vertx: vertx-*
javax.inject: javax.inject
javax.jdo: jdo-api
javax.servlet: javax.servlet-api servlet-api
javax.transaction: jta transaction-api
mysql: mysql-connector-java
net.bytebuddy: byte-buddy byte-buddy-agent byte-buddy-dep
net.java.dev.jna: jna jna-platform
net.jcip: jcip-annotations
net.lingala.zip4j: zip4j
net.minidev: accessors-smart json-smart
net.sf.ehcache: ehcache ehcache-core
net.sf.jasperreports: jasperreports
net.sf.json-lib: json-lib
org.apache.activemq: activemq-*
org.apache.ant: ant ant-*
org.apache.avro: avro avro-*
org.apache.camel: camel-*
org.apache.commons: commons-bcel commons-collections4 commons-compress commons-configuration2 commons-csv commons-dbcp2
org.apache.commons: commons-email commons-exec commons-fileupload2 commons-jcs commons-lang3 commons-math commons-math3
org.apache.commons: commons-pool2 commons-rng-* commons-text commons-vfs2
org.apache.curator: curator-*
org.apache.cxf: cxf-*
org.apache.derby: derby derbyclient derbynet derbyoptionaltools derbyrun derbyshared derbytools
org.apache.hadoop: hadoop-*
org.apache.httpcomponents: fluent-hc httpasyncclient httpclient httpclient-cache httpcore httpcore-nio httpmime
org.apache.httpcomponents.client5: httpclient5 httpclient5-cache httpclient5-fluent
org.apache.httpcomponents.core5: httpcore5 httpcore5-h2 httpcore5-reactive
org.apache.ivy: ivy
org.apache.kafka: connect-api connect-json connect-mirror connect-mirror-client connect-runtime connect-transforms
org.apache.kafka: kafka-clients kafka-group-coordinator kafka-log4j-appender kafka-metadata kafka-raft kafka-server
org.apache.kafka: kafka-server-common kafka-shell kafka-storage kafka-storage-api kafka-streams kafka-tools
org.apache.kafka: kafka_2.10 kafka_2.11 kafka_2.12 kafka_2.13
org.apache.logging.log4j: log4j-1.2-api log4j-api log4j-core log4j-iostreams log4j-jcl log4j-jpl log4j-jul
org.apache.logging.log4j: log4j-layout-template-json log4j-slf4j-impl log4j-slf4j18-impl log4j-slf4j2-impl log4j-web
org.apache.lucene: lucene-*
org.apache.mina: mina-core mina-http mina-integration-*
org.apache.parquet: parquet-*
org.apache.pdfbox: fontbox jempbox pdfbox pdfbox-* preflight xmpbox
org.apache.poi: poi poi-*
org.apache.santuario: xmlsec
org.apache.shiro: shiro-*
org.apache.solr: solr-*
org.apache.sshd: sshd-*
org.apache.struts: struts2-*
org.apache.thrift: libfb303 libthrift
org.apache.tika: tika-*
org.apache.tomcat: tomcat-*
org.apache.tomcat.embed: tomcat-embed-*
org.apache.velocity: velocity velocity-engine-core velocity-tools
org.apache.xbean: xbean-*
org.apache.xmlgraphics: batik-* fop xmlgraphics-commons
org.apache.zookeeper: zookeeper zookeeper-jute
org.apiguardian: apiguardian-api
org.aspectj: aspectjrt aspectjtools aspectjweaver
org.bitbucket.b_c: jose4j
org.bouncycastle: bc-fips bcjmail-* bcmail-* bcpg-* bcpkix-* bcprov-* bctls-* bctsp-* bcutil-*
org.checkerframework: checker checker-compat-qual checker-qual checker-util
org.codehaus.groovy: groovy groovy-*
org.codehaus.jackson: jackson-core-asl jackson-core-lgpl jackson-jaxrs jackson-mapper-asl jackson-mapper-lgpl
org.codehaus.jackson: jackson-mrbean jackson-smile jackson-xc
org.codehaus.jettison: jettison
org.codehaus.woodstox: stax2-api woodstox-core-asl
org.eclipse.jetty: jetty-*
org.eclipse.platform: org.eclipse.osgi
org.elasticsearch: elasticsearch elasticsearch-cli elasticsearch-core elasticsearch-secure-sm elasticsearch-x-content
org.elasticsearch.client: elasticsearch-rest-client elasticsearch-rest-high-level-client
org.flywaydb: flyway-*
org.freemarker: freemarker
org.glassfish.jersey.core: jersey-client jersey-common jersey-server
org.hamcrest: hamcrest hamcrest-all hamcrest-core hamcrest-library
org.hibernate: hibernate-c3p0 hibernate-core hibernate-ehcache hibernate-entitymanager hibernate-envers hibernate-jcache
org.javassist: javassist
org.jdom: jdom jdom2
org.jetbrains.kotlin: kotlin-compiler kotlin-compiler-embeddable kotlin-daemon-client kotlin-daemon-embeddable
org.jetbrains.kotlin: kotlin-reflect kotlin-script-runtime kotlin-scripting-* kotlin-stdlib kotlin-stdlib-*
org.jetbrains.kotlinx: kotlinx-*
org.json: json
org.json4s: json4s-*
org.jsoup: jsoup
org.jspecify: jspecify
org.junit.jupiter: junit-jupiter junit-jupiter-*
org.junit.platform: junit-platform-*
org.junit.vintage: junit-vintage-engine
org.keycloak: keycloak-*
org.liquibase: liquibase-core
org.lz4: lz4-java
org.mariadb.jdbc: mariadb-java-client
org.mockito: mockito-all mockito-core mockito-inline mockito-junit-jupiter
org.mongodb: bson mongo-java-driver mongodb-driver mongodb-driver-*
org.mozilla: rhino rhino-engine rhino-runtime
org.objenesis: objenesis objenesis-*
org.opensearch: opensearch opensearch-*
org.opentest4j: opentest4j
org.ow2.asm: asm-bom
org.postgresql: postgresql
org.quartz-scheduler: quartz quartz-jobs
org.reactivestreams: reactive-streams reactive-streams-tck
org.roaringbitmap: RoaringBitmap
org.rocksdb: rocksdbjni
org.scala-lang: scala-compiler scala-library scala-reflect scalap
org.slf4j: jcl-over-slf4j jul-to-slf4j log4j-over-slf4j slf4j-*
org.springframework: spring-aop spring-aspects spring-beans spring-context spring-context-indexer
org.springframework: spring-context-support spring-core spring-expression spring-instrument spring-jcl spring-jdbc
org.springframework: spring-jms spring-messaging spring-orm spring-oxm spring-r2dbc spring-struts spring-test spring-tx
org.springframework: spring-web spring-webflux spring-webmvc spring-webmvc-portlet spring-websocket
org.springframework.amqp: spring-amqp spring-rabbit
org.springframework.batch: spring-batch-*
org.springframework.boot: spring-boot spring-boot-*
org.springframework.cloud: spring-cloud-*
org.springframework.data: spring-data-*
org.springframework.hateoas: spring-hateoas
org.springframework.integration: spring-integration-*
org.springframework.kafka: spring-kafka spring-kafka-test
org.springframework.ldap: spring-ldap-*
org.springframework.plugin: spring-plugin-*
org.springframework.retry: spring-retry
org.springframework.security: spring-security-*
org.springframework.security.oauth: spring-security-oauth spring-security-oauth2
org.springframework.session: spring-session-*
org.springframework.webflow: spring-binding spring-js spring-webflow
org.springframework.ws: spring-ws-* spring-xml
org.thymeleaf: thymeleaf thymeleaf-spring5 thymeleaf-spring6
org.tukaani: xz
org.xerial: sqlite-jdbc
org.xerial.snappy: snappy-java
org.yaml: snakeyaml
redis.clients: jedis
xalan: serializer xalan
xerces: xercesImpl
xml-apis: xml-apis xml-apis-ext
"""

# The group changed with a major version: (group before, first major version of the group after, group after).
_MOVED = (
    ("asm", 4, "org.ow2.asm"),
    ("com.squareup.okhttp", 3, "com.squareup.okhttp3"),
    ("com.squareup.retrofit", 2, "com.squareup.retrofit2"),
    ("dom4j", 2, "org.dom4j"),
    ("hsqldb", 2, "org.hsqldb"),
    ("io.reactivex", 2, "io.reactivex.rxjava2"),
    ("io.reactivex.rxjava2", 3, "io.reactivex.rxjava3"),
    ("net.sf.ehcache", 3, "org.ehcache"),
    ("org.codehaus.groovy", 4, "org.apache.groovy"),
    ("org.hibernate", 6, "org.hibernate.orm"),
)


def known_group(artifact: str, version: str) -> str:
    """The group id under which this artifact is published, "" when the table does not know it."""
    exact, prefixes = _tables()
    group = exact.get(artifact, "")
    if not group and "-" in artifact:
        fitting = [prefix for prefix in prefixes if artifact.startswith(prefix)]
        group = prefixes[max(fitting, key=len)] if fitting else ""
    digits = version.partition(".")[0]
    major = int(digits) if digits.isdecimal() and len(digits) < 9 else 0
    for before, first, after in _MOVED:
        if group == before and major >= first:
            group = after
    return group


@cache
def _tables() -> tuple[Mapping[str, str], Mapping[str, str]]:
    exact: dict[str, str] = {}
    prefixes: dict[str, str] = {}
    for line in _GROUPS.strip().splitlines():
        group, _, artifacts = line.partition(": ")
        for artifact in artifacts.split():
            if artifact.endswith("*"):
                prefixes[artifact[:-1]] = group
            else:
                exact[artifact] = group
    return exact, prefixes
