"""The writer's own sentences, in Spanish. They state no fact: facts come from findings only.

`[tienes|tiene]` holds the words for a reader who is addressed as tú, and as usted.
"""

from contracts.research import FindingKind
from services.analyst.natures import Nature

LEADS: dict[str, tuple[str, ...]] = {
    Nature.CHANGE: (
        "También conviene mirar hacia dónde va la cosa.",
        "Algo se está moviendo.",
        "Los hábitos cambian sin hacer ruido.",
        "No todo sigue como estaba.",
        "Hay una señal que merece una segunda lectura.",
    ),
    Nature.ANSWER: (
        "¿Y qué dice la gente cuando se le pregunta?",
        "Siempre ayuda escuchar a otros.",
        "Quienes lo viven de cerca ya han dado su respuesta.",
        "La experiencia ajena también cuenta.",
    ),
    Nature.PRICE: (
        "Luego está el dinero.",
        "Hablemos también de lo que cuesta.",
        "Tarde o temprano sale la pregunta del precio.",
    ),
    Nature.FACT: (
        "Y no es lo único.",
        "Un detalle que vale la pena conocer.",
        "[Ten|Tenga] presente también esto.",
        "Falta una pieza.",
        "Y un poco de contexto, para ponerlo en su sitio.",
    ),
    FindingKind.COMPETITOR: (
        "Lo justo es mirar también qué más hay.",
        "Para comparar, esto es lo que ya se ofrece.",
        "[Date|Dese] una vuelta antes de elegir.",
        "Otros han tomado su propio camino.",
    ),
}

QUOTING = (
    "En palabras de {source}: {finding}",
    "{source} lo cuenta así: {finding}",
    "O, como dice {source}: {finding}",
    "Se lee en {source}: {finding}",
)

ACCORDING = (
    "Según {source}, {lowered}",
    "Como recoge {source}, {lowered}",
)

SUBJECTS: tuple[tuple[str, ...], ...] = (
    ("{short}", "Un dato con el que quedarse"),
    ("{topic}: ¿por dónde [empezarías|empezaría]?", "Una pregunta antes de decidir"),
    ("{topic}: lo que puede venir", "Qué está cambiando y qué hacer"),
    ("{topic}: primero los datos, luego las ofertas", "Primero los datos, luego las ofertas"),
)

PREHEADERS = (
    "Un minuto de lectura, con la fuente al lado de cada cifra.",
    "Unos cuantos datos, de dónde salen y un siguiente paso.",
    "{topic}: lo que dicen las fuentes, y qué preguntar después.",
    "Sin promesas: lo que se sabe y quién lo dice.",
)

LETTER_OPENINGS: tuple[tuple[str, ...], ...] = (
    (
        "{finding} Si de este mensaje [te quedas|se queda] con una sola línea, que sea esta.",
        "{finding} Por eso [te|le] escribimos hoy.",
        "{finding} Creemos que la frase merece un minuto de [tu|su] día.",
    ),
    (
        (
            "¿Qué [querrías|querría] saber antes de dedicarle más tiempo al asunto? Nosotros "
            "empezaríamos por aquí. {finding}"
        ),
        (
            "Las buenas decisiones suelen empezar con una buena pregunta. La nuestra es sencilla: "
            "¿qué significa esto para [ti|usted]? {finding}"
        ),
        "Una pregunta rápida: ¿encaja esto con lo que [ves|ve] cada día? {finding}",
    ),
    (
        ("¿Y ahora, qué? Nadie puede asegurarlo, pero hay señales que se dejan leer. {finding}"),
        "Los cambios rara vez se anuncian. Suelen asomar en frases como esta. {finding}",
        "Hay cosas que se preparan mejor cuando se ven con tiempo. {finding}",
    ),
    (
        "Antes de comparar ofertas, compensa comparar lo que se sabe. {finding}",
        (
            "Poner precios en fila es fácil. Reunir pruebas lleva algo más de tiempo, así que "
            "hemos adelantado una parte del trabajo. {finding}"
        ),
        "Cuando todo el mundo suena convincente, lo mejor es volver a las fuentes. {finding}",
    ),
)

REFLECTIONS: tuple[tuple[str, ...], ...] = (
    (
        (
            "No hace falta actuar sobre todo a la vez. [Elige|Elija] la línea que más se parezca "
            "a [tu|su] caso y [empieza|empiece] por ahí."
        ),
        "Nada de esto decide por [ti|usted]. Pero hace más fácil elegir el siguiente paso.",
    ),
    (
        (
            "Y aquí va la pregunta que importa: si algo de esto cambiara mañana, ¿qué [notarías|"
            "notaría] primero?"
        ),
        ("Si [tu|su] respuesta es otra, mejor todavía: ya [sabes|sabe] dónde mirar con más calma."),
    ),
    (
        (
            "Es pronto para unir estos puntos con una línea recta. No es pronto para decidir qué "
            "[harías|haría] si la línea continúa."
        ),
        (
            "Siempre se puede esperar a ver qué pasa. O decidir hoy qué señales [quieres|quiere] "
            "seguir de cerca."
        ),
    ),
    (
        (
            "Con todo esto sobre la mesa, la elección se simplifica: qué [necesitas|necesita], y "
            "quién puede demostrarlo."
        ),
        (
            "Una buena oferta aguanta cada una de estas líneas. [Pide|Pida] pruebas, también a "
            "nosotros."
        ),
    ),
)

LETTER_BRIDGES: tuple[tuple[str, ...], ...] = (
    (
        "Dos respuestas más, por si la primera no basta:",
        "Mientras [lo piensas|lo piensa], esto es lo que han visto otros:",
    ),
    (
        "Cualquier oferta debería aguantar también estas dos líneas:",
        "Dos líneas más para [tu|su] lado de la mesa:",
    ),
)

WHY_US: tuple[tuple[str, ...], ...] = (
    (
        "Si [te|le] apetece ver cómo lo hace {business}, este es el sitio para empezar:",
        "¿Y cómo se lleva esto a la práctica? En {business} lo enseñamos aquí:",
    ),
    (
        "Cuando [quieras|quiera] buscar [tu|su] propia respuesta, aquí estamos:",
        "Nos encantará darle una vuelta a la pregunta con [tu equipo|su equipo]:",
    ),
    (
        "Si [prefieres|prefiere] llegar pronto que tarde, este es un primer paso:",
        "Para saber qué puede significar en [tu|su] caso, basta un paso pequeño:",
    ),
    (
        "[Comprueba|Compruebe] por [ti mismo|sí mismo] qué tal sale {business} en la comparación:",
        "[Somete|Someta] a {business} a la misma prueba:",
    ),
)

FILLERS = (
    (
        "Cada afirmación enlaza con su fuente, de modo que en un minuto se puede comprobar y "
        "sacar una conclusión propia. Preferimos que [confíes|confíe] en las pruebas antes que en "
        "nuestra palabra."
    ),
    (
        "Hemos dejado nuestras opiniones fuera de los datos a propósito. Lo que signifiquen "
        "depende de dónde [estás|está] y de qué [quieres|quiere] cambiar, y de eso nadie sabe más."
    ),
    (
        "Y una idea: [comparte|comparta] este mensaje con alguien que lo vea de otra manera. Dos "
        "personas que leen la misma línea rara vez se fijan en lo mismo."
    ),
    (
        "[Guarda|Guarde] las fuentes a mano: cuentan más de lo que cabe en un mensaje corto, "
        "también cómo se obtuvieron los datos y a quién describen."
    ),
)

HOOKS: tuple[tuple[str, ...], ...] = (
    ("{finding}", "{topic}: lo que dicen las fuentes."),
    ("¿Lo [habrías|habría] dicho? {finding}", "¿De qué [querrías|querría] estar seguro?"),
    ("Aquí asoma una señal. {finding}", "¿Qué viene ahora? Unas cuantas señales."),
    ("Opiniones hay muchas. Las pruebas llevan algo más de tiempo.",),
)

POST_BRIDGES: tuple[tuple[str, ...], ...] = (
    ("Lo que completa el cuadro:", "Algo de contexto, cada línea con su fuente:"),
    ("Esto es lo que dicen las fuentes:", "Responden quienes lo han estudiado:"),
    ("Merece la pena leerlas juntas:", "Por separado dicen poco. Juntas, bastante más:"),
    ("Así que volvimos a las fuentes:", "Aquí van unas cuantas, con nombre y apellidos:"),
)

POST_QUESTIONS: tuple[tuple[str, ...], ...] = (
    ("¿Coincide con lo que [ves|ve]?", "¿Por cuál [empezarías|empezaría]?"),
    ("¿Qué [añadirías|añadiría]?", "¿Cuál es [tu|su] respuesta?"),
    ("¿Cuáles de estas señales [has|ha] notado ya?", "¿Qué [estás|está] siguiendo de cerca?"),
    ("¿De cuál [pedirías|pediría] pruebas?", "¿Qué prueba [te|le] convencería?"),
)

TWEETS: tuple[tuple[str, ...], ...] = (
    ("{finding}",),
    ("¿Y en [tu|su] caso? {finding}", "¿Coincide con lo [tuyo|suyo]? {finding}"),
    ("Ojo a esta señal. {finding}", "Por aquí van las cosas. {finding}"),
    ("Antes de comparar ofertas, un dato. {finding}", "Para comparar, esto. {finding}"),
)

ANNOUNCEMENTS: tuple[tuple[str, ...], ...] = (
    (
        "{topic}: {business} ha reunido lo que se sabe.",
        "{business} ha reunido lo que dicen las fuentes.",
    ),
    ("{topic}: los datos en breve, reunidos por {business}.", "De {business}: los datos en breve."),
    (
        "{topic}: {business} mira lo que viene.",
        "{business} mira lo que está cambiando.",
    ),
    ("{topic}: {business} contrasta los datos.", "{business} contrasta los datos."),
)

ANNOUNCEMENT_LINKS: tuple[tuple[str, ...], ...] = (
    ("Y hay más.", "A esto se suma otro dato."),
    ("También consta lo siguiente.", "Y algo más."),
    ("Otro dato.", "Y una cosa más."),
    ("En el otro platillo de la balanza está esto.", "Para comparar, otro dato."),
)
