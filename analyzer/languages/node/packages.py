"""What the names of npm packages say: framework, port, stores, queues."""

from typing import Final

# The one that sits on top comes first: Nest brings Express; Payload sits in a server of another.
FRAMEWORKS: Final = (
    ("@nestjs/core", "nestjs"),
    ("@adonisjs/core", "adonisjs"),
    ("@strapi/strapi", "strapi"),
    ("strapi", "strapi"),
    ("@redwoodjs/core", "redwood"),
    ("@redwoodjs/api", "redwood"),
    ("@keystone-6/core", "keystone"),
    ("@medusajs/medusa", "medusa"),
    ("@loopback/core", "loopback"),
    ("@feathersjs/feathers", "feathers"),
    ("sails", "sails"),
    ("thinkjs", "thinkjs"),
    ("moleculer", "moleculer"),
    ("probot", "probot"),
    ("next", "nextjs"),
    ("nuxt", "nuxt"),
    ("@remix-run/node", "remix"),
    ("@remix-run/express", "remix"),
    ("@remix-run/serve", "remix"),
    ("@react-router/node", "react-router"),
    ("@react-router/serve", "react-router"),
    ("@sveltejs/kit", "sveltekit"),
    ("@solidjs/start", "solidstart"),
    ("@builder.io/qwik-city", "qwik"),
    ("astro", "astro"),
    ("egg", "egg"),
    ("fastify", "fastify"),
    ("koa", "koa"),
    ("@hapi/hapi", "hapi"),
    ("hapi", "hapi"),
    ("hono", "hono"),
    ("elysia", "elysia"),
    ("@oak/oak", "oak"),
    ("@fresh/core", "fresh"),
    ("$fresh/", "fresh"),
    ("restify", "restify"),
    ("express", "express"),
    ("payload", "payload"),
    ("polka", "polka"),
    ("@tinyhttp/app", "tinyhttp"),
    ("nitropack", "nitro"),
    ("h3", "h3"),
    ("apollo-server", "apollo"),
    ("@apollo/server", "apollo"),
    ("graphql-yoga", "graphql-yoga"),
    ("micro", "micro"),
    ("socket.io", "socket.io"),
    ("uWebSockets.js", "uwebsockets.js"),
    ("ws", "ws"),
)
# Frameworks that people list among the packages that build, since they end in a bundle.
BUNDLED: Final = frozenset(
    {
        "@sveltejs/kit",
        "nuxt",
        "next",
        "astro",
        "@solidjs/start",
        "@builder.io/qwik-city",
        "nitropack",
    }
)
# Libraries that serve beside something else: no framework to be named after, hints at most.
SECONDARY: Final = frozenset({"socket.io", "ws", "graphql-yoga", "h3", "apollo", "micro"})

# Where each listens when nobody says otherwise.
PORTS: Final = {
    "adonisjs": 3333,
    "apollo": 4000,
    "astro": 4321,
    "egg": 7001,
    "elysia": 3000,
    "express": 3000,
    "fastify": 3000,
    "feathers": 3030,
    "fresh": 8000,
    "hapi": 3000,
    "hono": 3000,
    "keystone": 3000,
    "koa": 3000,
    "loopback": 3000,
    "medusa": 9000,
    "meteor": 3000,
    "probot": 3000,
    "moleculer": 3000,
    "nestjs": 3000,
    "nextjs": 3000,
    "nitro": 3000,
    "nuxt": 3000,
    "oak": 8000,
    "payload": 3000,
    "react-router": 3000,
    "redwood": 8911,
    "remix": 3000,
    "sails": 1337,
    "thinkjs": 8360,
    "solidstart": 3000,
    "strapi": 1337,
    "sveltekit": 3000,
}
# What they answer by themselves, without a line of the service's own.
HEALTH_PATHS: Final = {"strapi": "/_health", "medusa": "/health"}

# What they keep their data in, whatever else is installed.
DATABASES: Final = {"medusa": "postgres"}

DRIVERS: Final = {
    "pg": "postgres",
    "pg-promise": "postgres",
    "@databases/pg": "postgres",
    "@fastify/postgres": "postgres",
    "connect-pg-simple": "postgres",
    "graphile-worker": "postgres",
    "pg-boss": "postgres",
    "postgraphile": "postgres",
    "sails-postgresql": "postgres",
    "fastify-postgres": "postgres",
    "postgres": "postgres",
    "slonik": "postgres",
    "@mikro-orm/postgresql": "postgres",
    "@payloadcms/db-postgres": "postgres",
    "@vercel/postgres": "postgres",
    "@neondatabase/serverless": "postgres",
    "@prisma/adapter-pg": "postgres",
    "mysql": "mysql",
    "mysql2": "mysql",
    "mariadb": "mysql",
    "@databases/mysql": "mysql",
    "@fastify/mysql": "mysql",
    "@planetscale/database": "mysql",
    "@prisma/adapter-mariadb": "mysql",
    "@prisma/adapter-planetscale": "mysql",
    "egg-mysql": "mysql",
    "express-mysql-session": "mysql",
    "promise-mysql": "mysql",
    "sails-mysql": "mysql",
    "serverless-mysql": "mysql",
    "think-model-mysql": "mysql",
    "fastify-mysql": "mysql",
    "@mikro-orm/mysql": "mysql",
    "@mikro-orm/mariadb": "mysql",
    "mongodb": "mongodb",
    "mongoose": "mongodb",
    "@nestjs/mongoose": "mongodb",
    "@typegoose/typegoose": "mongodb",
    "@mikro-orm/mongodb": "mongodb",
    "@payloadcms/db-mongodb": "mongodb",
    "monk": "mongodb",
    "@fastify/mongodb": "mongodb",
    "@feathersjs/mongodb": "mongodb",
    "@keystonejs/adapter-mongoose": "mongodb",
    "agenda": "mongodb",
    "egg-mongoose": "mongodb",
    "mongojs": "mongodb",
    "mongolass": "mongodb",
    "mongodb-legacy": "mongodb",
    "parse-server": "mongodb",
    "sails-mongo": "mongodb",
    "fastify-mongodb": "mongodb",
    "mongoist": "mongodb",
    "feathers-mongoose": "mongodb",
    "mssql": "sqlserver",
    "tedious": "sqlserver",
    "dynamoose": "dynamodb",
    "electrodb": "dynamodb",
    "@aws-sdk/lib-dynamodb": "dynamodb",
    "@aws-sdk/client-dynamodb": "dynamodb",
    "cassandra-driver": "cassandra",
    "sqlite": "sqlite",
    "sqlite3": "sqlite",
    "better-sqlite3": "sqlite",
    "loopback-connector-mongodb": "mongodb",
    "loopback-connector-mysql": "mysql",
    "loopback-connector-postgresql": "postgres",
    "@louislam/sqlite3": "sqlite",
    "@libsql/client": "sqlite",
    "@mikro-orm/sqlite": "sqlite",
    "@payloadcms/db-sqlite": "sqlite",
}
QUEUES: Final = frozenset(
    {"bull", "bullmq", "@nestjs/bull", "@nestjs/bullmq", "bee-queue", "kue", "node-resque"}
)
# Queues on other stores: a worker may stand behind them, a Redis does not.
OTHER_QUEUES: Final = frozenset(
    {"amqplib", "amqp-connection-manager", "agenda", "pg-boss", "graphile-worker", "kafkajs"}
    | {
        "@temporalio/worker",
        "sqs-consumer",
        "node-rdkafka",
        "pulsar-client",
        "rhea",
        "nats",
        "bree",
        "mqtt",
        "node-cron",
    }
    | {"@nestjs/schedule"}
    | {"@azure/service-bus", "@google-cloud/pubsub", "adp-messaging", "ffc-messaging"}
    | {"@aws-sdk/client-sqs", "node-schedule", "cron"}
)
CACHES: Final = {
    "redis": "redis",
    "ioredis": "redis",
    "@redis/client": "redis",
    "@upstash/redis": "redis",
    "connect-redis": "redis",
    "@fastify/redis": "redis",
    "@keyv/redis": "redis",
    "keyv-redis": "redis",
    "@hapi/catbox-redis": "redis",
    "@liaoliaots/nestjs-redis": "redis",
    "@nestjs-modules/ioredis": "redis",
    "async-redis": "redis",
    "catbox-redis": "redis",
    "egg-redis": "redis",
    "fastify-redis": "redis",
    "koa-redis": "redis",
    "cache-manager-redis-store": "redis",
    "cache-manager-redis-yet": "redis",
    "cache-manager-ioredis": "redis",
    "cache-manager-ioredis-yet": "redis",
    "rate-limit-redis": "redis",
    "redlock": "redis",
    "handy-redis": "redis",
    "socket.io-redis": "redis",
    "@socket.io/redis-adapter": "redis",
    "@adonisjs/redis": "redis",
    "memcached": "memcached",
    "memjs": "memcached",
}
# Clients that hold a connection of their own open and serve nobody.
BOTS: Final = frozenset(
    {"discord.js", "eris", "@discordjs/core", "oceanic.js", "telegraf", "grammy"}
    | {"node-telegram-bot-api", "tmi.js", "whatsapp-web.js", "mineflayer", "matrix-bot-sdk"}
    | {"@vector-im/matrix-bot-sdk", "@sapphire/framework", "@twurple/chat", "botpress"}
    | {"detritus-client", "discordx", "irc-framework", "puregram", "seyfert", "telebot", "vk-io"}
    | {"@whiskeysockets/baileys", "matrix-appservice-bridge"}
)
MIGRATIONS: Final = (
    ("knex", "knex", ("knex", "migrate:latest")),
    ("typeorm", "typeorm", ("typeorm", "migration:run")),
    ("sequelize-cli", "sequelize", ("sequelize-cli", "db:migrate")),
    ("drizzle-kit", "drizzle", ("drizzle-kit", "migrate")),
    ("@mikro-orm/migrations", "mikro-orm", ("mikro-orm", "migration:up")),
    ("node-pg-migrate", "node-pg-migrate", ("node-pg-migrate", "up")),
    ("db-migrate", "db-migrate", ("db-migrate", "up")),
    ("migrate-mongo", "migrate-mongo", ("migrate-mongo", "up")),
)
