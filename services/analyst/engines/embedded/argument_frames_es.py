"""The writer's own sentences round an argument, in Spanish; see its English twin."""

from services.analyst.argument import Part, Tie

OPENINGS: dict[str, tuple[str, ...]] = {
    Part.PROBLEM: (
        (
            "{subject}: ¿cómo [lo llevas|lo lleva] hoy? {finding} Si [te|le] suena, merece la pena "
            "seguir leyendo."
        ),
        "Puede que esto [te|le] suene de cualquier semana. {finding}",
        "¿[Te|Le] ha pasado alguna vez, o [te has|se ha] librado hasta ahora? {finding}",
        "Antes de que nadie ofrezca una respuesta, conviene ponerle nombre al problema. {finding}",
    ),
    Part.WISH: (
        "{subject}: ¿qué es lo que más [te|le] importa? Otros ya han contestado. {finding}",
        (
            "Si alguien [te|le] preguntara qué [quieres|quiere], ¿la respuesta saldría a la "
            "primera? "
            "{finding}"
        ),
        (
            "Las ofertas empiezan por lo que alguien quiere vender. Esto empieza por lo que se "
            "pide. "
            "{finding}"
        ),
    ),
    Part.REMEDY: (
        "{subject}: ¿qué [cambiarías|cambiaría] si se pudiera empezar mañana? {finding}",
        "No hace falta otra promesa, sino algo que se pueda comprobar. {finding}",
        "¿Qué se puede hacer, y quién lo dice? {finding}",
        "Antes de elegir qué hacer, una mirada a lo que consta. {finding}",
    ),
    Part.LIMIT: (
        "Mejor leer primero la letra pequeña. {finding}",
        "¿Qué hay que saber antes de contar con ello? {finding}",
    ),
    Part.CHANGE: (
        "Los planes se hacen con lo que había. {finding}",
        "¿Qué [harías|haría] de otra manera si esto se hubiera visto hace un año? {finding}",
        "Antes de comparar lo que se ofrece, una mirada a hacia dónde va todo. {finding}",
    ),
    Part.PRICE: (
        "Tarde o temprano alguien pregunta cuánto cuesta. {finding}",
        "¿[Sabes|Sabe] cuánto se va y en qué? Aquí hay una cifra con la que comparar. {finding}",
        "Si hay que hacer un presupuesto, mejor empezar por una suma publicada. {finding}",
    ),
    Part.STATE: (
        (
            "Una decisión se tuerce cuando parte de una suposición. Esta puede partir de una "
            "fuente. "
            "{finding}"
        ),
        (
            "¿Hasta qué punto [conoces|conoce] [tu|su] propio terreno? Sirve para contrastarlo. "
            "{finding}"
        ),
        "Antes de comparar ofertas, compensa conocer el terreno. {finding}",
    ),
    Part.RIVAL: (
        "La comparación se hará de todos modos, así que empecemos por una oferta. {finding}",
        "¿Qué hay ya sobre la mesa? {finding}",
    ),
}

TIES: dict[str, tuple[str, ...]] = {
    Tie.SAME_WAY: (
        "El mismo movimiento asoma en otro sitio.",
        "No es la única línea que apunta hacia ahí.",
    ),
    Tie.OTHER_WAY: ("Pero no todo va en esa dirección.", "También hay un movimiento contrario."),
    Tie.SAME_SOURCE: ("La misma fuente dice algo más.", "Y en la misma fuente se lee otra cosa."),
    Tie.SAME_SUBJECT: (
        "Otra fuente pasa cerca de lo mismo.",
        "Y en otra fuente se lee algo cercano.",
    ),
    Tie.BESIDE: (
        "Al lado hay que poner esto.",
        "Falta una pieza.",
        "[Ten|Tenga] presente también esto.",
    ),
    "answer": ("¿Y qué se puede hacer?", "Ese es el problema. Esto es lo que ayuda."),
    Part.PROBLEM: ("También hay una dificultad.", "Y ahora, lo que falla."),
    Part.WISH: ("¿Y qué se pide?", "Hay que escuchar lo que se quiere."),
    Part.REMEDY: ("Luego está lo que ayuda.", "Y al lado, algo que ayuda."),
    Part.LIMIT: ("Al lado hay que poner un límite.", "Tiene un límite que conviene conocer."),
    Part.CHANGE: ("Algo se está moviendo.", "También conviene mirar hacia dónde va la cosa."),
    Part.PRICE: ("Luego está el dinero.", "Hablemos también de lo que cuesta."),
    Part.STATE: (
        "Ayuda saber cómo están las cosas.",
        "Y un poco de contexto, para ponerlo en su sitio.",
    ),
    Part.RIVAL: (
        "Para comparar, esto es lo que ya se ofrece.",
        "Lo justo es mirar también qué más hay.",
    ),
}

CONCLUSIONS: dict[str, tuple[str, ...]] = {
    "answered": (
        (
            "Problema y respuesta, juntos, cambian la pregunta: ya no es si se puede hacer algo, "
            "sino si "
            "bastaría en [tu|su] caso."
        ),
        (
            "El problema tiene nombre, y una respuesta también. Queda por ver cuánto de cada "
            "cosa vale "
            "en [tu|su] caso."
        ),
        (
            "Así una preocupación se convierte en una comparación: lo que el problema se lleva "
            "frente "
            "a lo que la respuesta pide."
        ),
    ),
    Part.PROBLEM: (
        (
            "¿Qué se sigue de esto? Si también es [tu|su] problema, lo primero es saber cuánto "
            "pesa: "
            "cuántas veces pasó el mes pasado y qué costó arreglarlo."
        ),
        (
            "Un problema contado se puede comparar con lo que costaría resolverlo. Así que primero "
            "contar y después buscar."
        ),
        "Desde aquí no se ve cuánto [te|le] afecta. En [tus|sus] últimos tres meses, sí.",
    ),
    Part.WISH: (
        (
            "¿Qué se sigue de esto? Quien quiera lo mismo ya sabe qué pedir, y puede distinguir "
            "una "
            "respuesta de una excusa."
        ),
        (
            "Lo que otros también piden no necesita explicación. [Pídelo|Pídalo] sin rodeos, "
            "también "
            "a nosotros."
        ),
    ),
    Part.REMEDY: (
        (
            "¿Qué se sigue de esto? Si también vale en [tu|su] caso, merece una prueba lo bastante "
            "pequeña para juzgarla."
        ),
        (
            "Que aquí dé lo mismo depende de cuánto se parezcan los casos. Es lo primero que hay "
            "que "
            "mirar."
        ),
        (
            "A cualquier mejora se le puede preguntar lo mismo: qué {figure} cambió, para quién y "
            "frente a qué."
        ),
    ),
    Part.LIMIT: (
        (
            "¿Qué se sigue de esto? Contar con el límite igual que con la ventaja, y no habrá "
            "sorpresas."
        ),
        "Un límite conocido de antemano se puede rodear; no obliga a darse la vuelta.",
    ),
    Part.CHANGE: (
        (
            "¿Qué se sigue de esto? Si continúa, esperar también es decidir. Así que hay que "
            "elegir "
            "el día en que se volverá a mirar."
        ),
        "No hay que seguir todos los cambios. Pero compensa saber qué [harías|haría] si este dura.",
        "Si va a durar, nadie lo sabe. Qué hacer en cada caso se puede decidir ya.",
    ),
    Part.PRICE: (
        (
            "¿Qué se sigue de esto? Una suma solo dice algo junto a lo que sustituye. "
            "[Pon|Ponga] la "
            "[tuya|suya] al lado."
        ),
        "Antes de llamarlo mucho o poco, hay que apuntar lo que hoy cuesta lo mismo.",
    ),
    Part.STATE: (
        (
            "¿Qué se sigue de esto? Sirve de vara de medir: dónde [estás|está] hoy, y si es ahí "
            "donde "
            "[quieres|quiere] estar."
        ),
        "Nada de esto decide por [ti|usted]. Dice con qué tendría que contar una decisión.",
        (
            "Si [tu|su] caso es distinto, conviene averiguar por qué. Cualquiera de las dos "
            "respuestas "
            "sirve."
        ),
    ),
    Part.RIVAL: (
        "¿Qué se sigue de esto? Las mismas preguntas a todas las ofertas, también a la nuestra.",
        "Que convenga o no depende de para qué se necesite. Por ahí hay que empezar.",
    ),
}

LETTER_BRIDGES: dict[str, tuple[str, ...]] = {
    Tie.SAME_SOURCE: ("La misma fuente dice dos cosas más:",),
    Tie.BESIDE: (
        "Dos líneas más que poner al lado:",
        "Dos cosas que van con ella:",
        "Antes de decidir, también estas dos:",
    ),
}

REMARKS: dict[str, tuple[str, ...]] = {
    Part.PROBLEM: (
        "¿Se notaría en [tu|su] caso, y cuándo?",
        "Quien lo ha vivido sabe lo que cuesta arreglarlo.",
        "Hay que preguntar a quien está más cerca cuántas veces lo ve.",
    ),
    Part.WISH: (
        "¿[Tu|Su] respuesta sería la misma? Para empezar basta una estimación.",
        "Quien pide lo mismo no está solo.",
        "Si [tu|su] experiencia es otra, también es bueno saberlo.",
    ),
    Part.REMEDY: (
        "¿Qué tendría que pasar para que funcionara también en [tu|su] caso?",
        "Merece la pena preguntar qué hace falta para llegar ahí.",
        "Quien lo pruebe debería decidir antes cómo sabrá si ha funcionado.",
    ),
    Part.LIMIT: (
        "Mejor saberlo antes que después.",
        "¿Toca a lo que [tienes|tiene] en mente?",
    ),
    Part.CHANGE: (
        "Si continúa, ¿qué [harías|haría] de otra manera?",
        "Un punto no es una curva, así que conviene volver a mirar antes de construir sobre él.",
        "No hay que seguirlo; basta con haberlo visto.",
    ),
    Part.PRICE: (
        "Un precio a secas dice poco: hay que preguntar qué incluye.",
        "Si es mucho o poco depende de lo que se reciba a cambio.",
        "Antes de llamarlo caro o barato, conviene calcular lo que cuesta la alternativa.",
    ),
    Part.STATE: (
        "¿Cómo se podría comprobar si vale también en [tu|su] caso?",
        "Vale la pena ponerlo junto a la propia experiencia.",
        "Es una sola fuente: una pista, no una ley.",
        "Si sorprende, mejor averiguar por qué antes de seguir.",
    ),
    Part.RIVAL: (
        "Que convenga o no depende de para qué se necesite.",
        "Unos verán ahí una ventaja; otros, un hueco.",
        "[Pregunta|Pregunte] qué hay detrás, y [haznos|háganos] la misma pregunta.",
    ),
}

STEPS: dict[str, tuple[str, ...]] = {
    Part.PROBLEM: (
        "[Piensa|Piense] en la última vez que pasó: ¿qué costó, y qué habría ayudado?",
        "¿Cuántas veces pasó el mes pasado, y quién se dio cuenta primero?",
    ),
    Part.WISH: (
        "[Escribe|Escriba] lo que [pedirías|pediría] antes de mirar lo que se ofrece.",
        "¿Cuál de esos deseos es el [tuyo|suyo], y quién podría cumplirlo?",
    ),
    Part.REMEDY: (
        (
            "[Elige|Elija] algo que se diga que ayuda y [pruébalo|pruébelo] donde un fallo no haga "
            "daño."
        ),
        "¿Qué demostraría en un mes que funciona en [tu|su] caso?",
    ),
    Part.LIMIT: (
        "[Comprueba|Compruebe] si los límites de arriba tocan a lo que [planeas|planea].",
        "¿Qué límite [te|le] frenaría, y con cuál se puede vivir?",
    ),
    Part.CHANGE: (
        "[Pon|Ponga] una fecha en el calendario para volver a mirar lo que se mueve.",
        "¿Qué [harías|haría] si el cambio siguiera un año más, y qué si parase?",
    ),
    Part.PRICE: (
        "[Busca|Busque] cuánto se paga por lo mismo, con todo incluido.",
        "¿Cuánto cuesta hoy lo mismo, con todo incluido?",
    ),
    Part.STATE: (
        "[Mira|Mire] cómo [quedas|queda] frente a esas líneas.",
        "¿Qué datos eran de esperar y cuáles han sorprendido?",
    ),
    Part.RIVAL: (
        "[Pregunta|Pregunte] a cada oferta qué incluye, por cuánto tiempo y qué cuesta irse.",
        "¿Qué oferta de las de arriba [elegirías|elegiría], y qué [te|le] haría dudar?",
    ),
}

POST_QUESTIONS: dict[str, tuple[str, ...]] = {
    Part.PROBLEM: ("¿Cómo [lo llevas|lo lleva]?", "¿Alguien lo cuenta donde [estás|está]?"),
    Part.WISH: ("¿Qué [pedirías|pediría]?", "¿[Tu|Su] respuesta sería la misma?"),
    Part.REMEDY: ("¿Qué ha funcionado en [tu|su] caso?", "¿Qué prueba [te|le] convencería?"),
    Part.LIMIT: ("¿[Te|Le] ha tocado ese límite?",),
    Part.CHANGE: ("¿Se nota también ahí?", "¿Qué [harías|haría] si continúa?"),
    Part.PRICE: ("¿Coincide con lo que [pagas|paga]?", "¿Y qué se recibe a cambio?"),
    Part.STATE: ("¿Coincide con lo que [ves|ve]?", "¿Por cuál [empezarías|empezaría]?"),
    Part.RIVAL: ("¿Cuál [elegirías|elegiría]?", "¿Qué falta?"),
}

TWEETS: dict[str, tuple[str, ...]] = {
    Part.PROBLEM: ("¿[Te|Le] suena? {finding}", "¿Y en [tu|su] caso? {finding}"),
    Part.WISH: ("¿[Tu|Su] respuesta sería la misma? {finding}", "Lo que se pide. {finding}"),
    Part.REMEDY: ("Lo que ayuda. {finding}", "¿Qué se puede hacer? {finding}"),
    Part.LIMIT: ("Mejor saberlo antes. {finding}",),
    Part.CHANGE: ("Por aquí van las cosas. {finding}", "Ojo a este cambio. {finding}"),
    Part.PRICE: ("Lo que cuesta. {finding}", "Una suma con la que comparar. {finding}"),
    Part.STATE: ("Así están las cosas. {finding}", "¿Coincide con lo que [ves|ve]? {finding}"),
    Part.RIVAL: ("Para comparar, esto. {finding}",),
}
